"""
Certificates: that someone took part, unpaid, in a campaign. Issued by a person, checked by anyone who has the code.
"""
