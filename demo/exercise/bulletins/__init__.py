"""The demo's bulletins, and what they come from: drafts, pictures, fact-checks, questions and answers."""
