"""What is written to the logs, without personal data, and error reports."""
