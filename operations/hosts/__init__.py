"""The machines that the site runs on: their signs of life, and whether they agree."""
