"""The public pages of bulletins and answers, their structured data and the sitemap."""
