"""What people are told besides bulletins: one outbox."""
