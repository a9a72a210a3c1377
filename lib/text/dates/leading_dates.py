"""Dates at the beginning of a line, where "31. " would be the number of a list: "31. joulukuuta", "1. maj", "30. ja 31. joulukuuta"."""

import re

# What makes a day of the number before it. Browsers read it too (text_field.js), so it has only what both have. English writes no such
# dates, and "1. May I …" begins a list.
AFTER_DAY = (
    r"(?:(?:[–-]|ja|tai|sekä|och|eller|till)[ \t]*\d{1,2}\.?[ \t]*)?"
    r"(?:(?:päivän?ä?[ \t]+)?(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)k(?:uu|\.)"
    r"|(?:jan|feb|apr|aug|sept|okt|nov|dec)\."
    r"|(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december)\b"
    r"|(?:0?[1-9]|1[0-2])\.(?:(?:19|20)\d\d\b|(?!\d)))"
)
DAY = re.compile(
    rf"^([ \t>]*+(?:[-+*][ \t]++)*+(?:\d{{1,9}}\.[ \t]++)?(?:0?[1-9]|[12]\d|3[01]))\.(?=[ \t]+{AFTER_DAY})",
    re.IGNORECASE | re.MULTILINE,
)
