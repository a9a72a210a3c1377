"""The seed list: inboxes of our own that get test mails, or each send as readers do, and tell when it was there."""
