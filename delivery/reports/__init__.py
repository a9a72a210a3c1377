"""How a send is doing: the ledger and how its old rows leave, progress, figures, CSV record."""
