"""Message input from authorities: submitted, received by API or as a CAP alert, and followed up."""
