"""The pages of the codes on cards: who said it, when, and whether it still holds."""
