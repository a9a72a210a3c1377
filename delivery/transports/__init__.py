"""How mails leave: SMTP, e-mail service providers, any Django backend, and the backup when one fails."""
