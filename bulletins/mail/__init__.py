"""The mail of a bulletin and of a roundup, and test sends."""
