"""Whether people come: by a signed link, by a button on a page, or by their calendar program."""
