"""How a send is doing: ledger, progress, figures, CSV record."""
