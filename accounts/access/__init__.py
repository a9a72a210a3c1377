"""Who may do what: roles, grants, row scopes, and what needs two administrators."""
