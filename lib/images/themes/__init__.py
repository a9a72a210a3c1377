"""
The themes of a message card: plain, bold, photo and quiet, each in the campaign's own colours; and what is made of them:
slides, a sticker, a background for a green screen, and a card that somebody quotes with words of their own.

Every theme has the same header, marks and proof strip, in the same order and place; only the middle is its own.
"""
