"""The facts of a bulletin: each value once, with every place that says it, and its change in all of them."""
