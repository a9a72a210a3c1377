"""How mails leave: SMTP, email service providers, any Django backend, and the backup when one fails."""
