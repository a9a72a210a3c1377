"""The code of ethics and its signatures, the handbook, and the lessons of both."""
