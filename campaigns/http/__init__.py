"""Which campaign a request is about, what machines are answered, and which pages have changed."""
