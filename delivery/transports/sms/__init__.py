"""Text messages: numbers, providers, what they report, and what is told before a send (docs/operating/channels/sms.md)."""
