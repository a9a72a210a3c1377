"""The code of ethics, its signatures, and the handbook's lessons."""
