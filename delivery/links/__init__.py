"""Signed links and addresses in mails: made, read back, and the page that unsubscribes."""
