"""What stands behind the site: database, broker, cache and storage, and how each is used."""
