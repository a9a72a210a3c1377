"""Chat rooms: what each service wants said to it, and what its answers mean."""
