"""
"I posted this": what influencers tell of their posts, what staff find, and what came of it. Telling is voluntary.

It is how someone hears of a correction first and can be thanked. Nobody is ranked by it: no list is ordered by reach.
"""
