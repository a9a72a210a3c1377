"""Code that knows no model: texts, pictures, HTTP, email addresses."""
