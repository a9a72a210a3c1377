"""What is kept of pages: in each web process, in browsers, and what nobody may keep."""
