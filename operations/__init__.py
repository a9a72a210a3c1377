"""Running it: supervisor, doctor, health, metrics, back-up and restore, incident report, logs."""
