"""
How messages leave, whatever their channel, and by which way: what is the same for all stands here. Each channel has a folder with
the same rooms: `transport` (how one window leaves), `preflight` (what stops it before the first message), `receipts` (what the other
side tells later, where it tells anything by this channel), and modules of what is its own. Settings are in config/settings/channels.py
and mail.py, what a receipt does to the ledger is in delivery/feedback.
"""
