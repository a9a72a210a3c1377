"""The conversation by mail: what came in, read and filed, and what goes out."""
