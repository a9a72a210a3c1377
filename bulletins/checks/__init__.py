"""What is still wrong with a bulletin before it is approved: rules, overrides, fixes."""
