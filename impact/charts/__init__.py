"""Charts as plain data with their places, drawn as SVG by a template: a zero line, gaps as gaps, notes at their dates, the table behind. Knows no model."""
