"""What machines get: feeds of what was said last, alerts, a calendar, and a box for other sites. docs/using/public-site/ names all."""
