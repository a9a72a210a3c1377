"""The audit log: its entries, the chain of seals over them, and its export."""
