"""How fast mail may leave."""
