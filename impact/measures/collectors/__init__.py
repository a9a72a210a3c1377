"""Collectors: figures that other services give, each read by a small module of its own, with its terms. All are off by default."""
