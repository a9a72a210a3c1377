"""
Influencers from a CSV file: whatever a spreadsheet writes is read, every row's fate is shown, then it is stored.

The rules, in this order. A row without an address that mail can go to is refused. An address that left, said no, was
erased or is suppressed is never brought back. An address that takes part already is left as it is: what people say of
themselves is theirs. One that was invited, or that an earlier row of the file named, is the same person: the row adds
what is missing and changes nothing. An account that belongs to someone else is refused. Everyone else is new, and
waits to be invited: a file is nobody's consent.
"""
