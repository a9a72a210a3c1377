"""Whether the sending domain is set up so that receivers believe it: SPF, DKIM, DMARC, TLS, PTR."""
