"""Commissions: paid work of creators, from the brief to the last payment, by three people at least."""
