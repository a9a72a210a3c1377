"""Personal data: what is held about a person, how long it is kept, and erasure."""
