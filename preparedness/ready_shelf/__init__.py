"""The ready shelf: bulletins prepared and approved in peace, with blanks to fill when the crisis comes."""
