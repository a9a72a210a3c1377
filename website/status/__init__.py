"""The public status page: whether all works, incidents, time to inbox, uptime."""
