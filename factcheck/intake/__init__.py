"""Claims come in: the public form, the desk's form, a CSV file, screenshots."""
