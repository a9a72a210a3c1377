"""Publishing freezes a bulletin; corrections, withdrawals, and what readers may see of it."""
