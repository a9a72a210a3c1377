"""
Choosing the hundred: people who together reach people whom a campaign wants to reach.
docs/using/influencers/selection.md says how.

`cells` cuts the targets into cells, `people` reads who could be chosen, `rules` says who may, `solving` picks by what
each adds, `explaining` says why and what one exchange would change, `making` saves it, `comparing` and `applying` use
it.
"""
