"""
Choosing the hundred: people who together reach people whom a campaign wants to reach.
docs/using/influencers/selection.md says how.

`cells` cuts the targets into cells, `candidates` reads who could be chosen, `rules` says who may, `optimizer` picks by what
each adds, `explanation` says why and what one exchange would change, `create` saves it, `comparison` and `apply` use it.
"""
