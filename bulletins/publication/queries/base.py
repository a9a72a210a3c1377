"""What a reader gets: published words only, in the reader's language where there is an edition in it."""
