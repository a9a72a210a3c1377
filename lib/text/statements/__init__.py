"""
What sentences say, so that a post can be compared with what holds: what each is about, whether that is so or not, from when and
until when, how many, and for whom.
"""
