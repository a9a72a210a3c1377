"""Stories at the desk: somebody else than the sender looks at each, names its themes and publishes it."""
