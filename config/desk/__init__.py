"""The desk: its site, Today, previews."""
