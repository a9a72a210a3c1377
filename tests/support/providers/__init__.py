"""What the product talks to outside, as servers on this machine: they answer as the real ones do, keep what came, and misbehave on demand."""
