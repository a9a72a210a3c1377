"""
The desk's pages for questions from the public: grouped, sent to an authority, answered, checked by a second person. Each
button is one domain call, and a refusal keeps what was typed.
"""

from . import answers, groups, questions

__all__ = ["answers", "groups", "questions"]
