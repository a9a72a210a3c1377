"""What comes back: provider events, bounces, complaints, inbound mail."""
