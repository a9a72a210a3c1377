"""By which channels staff are told, chosen by themselves, and what leaves by them."""
