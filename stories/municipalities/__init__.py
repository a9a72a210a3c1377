"""Municipalities and other local bodies that send stories: their list, the invitations to it, and who may send for them."""
