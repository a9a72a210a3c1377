"""Certificates: that somebody took part, unpaid, in a campaign. Issued by a person, checked by anyone who has the code."""

from .issuing import (
    NotIssuable,
    check,
    in_groups,
    issue,
    may_have,
    name_of,
    normal,
    path_of,
    revoke,
    standing,
)
from .pdf import file_name, render

__all__ = [
    "NotIssuable",
    "check",
    "file_name",
    "in_groups",
    "issue",
    "may_have",
    "name_of",
    "normal",
    "path_of",
    "render",
    "revoke",
    "standing",
]
