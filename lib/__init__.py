"""Code that knows no model: texts, pictures, HTTP, e-mail addresses."""
