"""A campaign's prompt, and what anyone answers it with: looked at by a person, then shown, withdrawn by its sender at any time."""
