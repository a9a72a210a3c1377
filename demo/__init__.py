"""The exercise campaign, the mail catcher, ./run demo and its check."""
