"""What all apps share about cards: how they look, cards of one statement, and the codes on them."""
