"""The rumour and insight report of a week: counted and frozen, written and judged by people, approved by a second one, as page, PDF and data."""
