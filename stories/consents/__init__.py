"""Who is seen in the stories of municipalities agrees to that, once, and may take it back at any time."""
