"""What municipalities, organisations and creators bring to the demo: stories, exchanges, ways to help, commissions, courses."""
