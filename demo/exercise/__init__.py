"""The exercise campaign: its people, their bulletins, fact-checks, questions and posts, made from the content files."""
