"""Chat rooms of newsrooms and partner organisations: who has one, what came into it to prove it, and when it ends."""
