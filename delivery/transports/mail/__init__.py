"""Mail: our own SMTP client, the interfaces of email service providers, and any backend of Django (docs/operating/mail)."""
