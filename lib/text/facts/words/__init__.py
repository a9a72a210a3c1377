"""What languages say: their numbers, units, days, months, hours and names, as tables."""
