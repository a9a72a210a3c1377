"""How mails leave: SMTP, e-mail service providers, any Django backend."""
