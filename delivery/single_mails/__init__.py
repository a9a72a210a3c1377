"""The one queue of single mails: invitations, codes, notices, answers, copies, pings. Rows of the apps are the queue."""
