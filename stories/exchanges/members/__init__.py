"""The pages of meetings for people of municipalities, and who may read them."""
