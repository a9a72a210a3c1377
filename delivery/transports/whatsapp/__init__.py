"""WhatsApp Business by Meta's Cloud API: templates, the 24-hour window, what Meta reports (docs/operating/channels/whatsapp.md)."""
