"""How long something may take, and how long it is kept."""

from .installation import env

# Days that an authority has for an answer unless staff say otherwise, and minutes for which a new answer is only for
# people who asked.
VOID_DAYS = env.integer("VOID_DAYS", 3, 1, 60)
ANSWER_HEAD_START_MINUTES = env.integer("ANSWER_HEAD_START_MINUTES", 15, 0, 1440)

# People whom one person may invite within 24 hours without a second person's yes; 0: each invitation needs one.
INVITATIONS_ALONE = env.integer("INVITATIONS_ALONE", 50, 0, 1000)

# Seconds that the mail of a correction leaves to people who posted what it corrects, who are told by a mail of their
# own.
CORRECTION_HEAD_START_SECONDS = env.integer("CORRECTION_HEAD_START_SECONDS", 10, 0, 300)

# Days after the last time for which it is known who read, copied or downloaded which version of a bulletin.
EXPOSURE_DAYS = env.integer("EXPOSURE_DAYS", 400, 30, 3650)
# Days after which what someone did who left is forgotten.
LEFT_DAYS = env.integer("LEFT_DAYS", 365, 1, 3650)

# Days after which someone whom staff know, and who was invited or not, is forgotten unless they have joined.
INVITED_DAYS = env.integer("INVITED_DAYS", 90, 1, 3650)

# Days after which it is forgotten whom a mail went to, what providers reported, what people were told, who brought
# a question or reported a claim, a closed report of harassment, and mail from unknown people
# (accounts/privacy/retention.py).
DELIVERY_DAYS = env.integer("DELIVERY_DAYS", 400, 30, 3650)
EVENT_DAYS = env.integer("EVENT_DAYS", 180, 30, 3650)
NOTICE_DAYS = env.integer("NOTICE_DAYS", 90, 1, 3650)
PRETEST_DAYS = env.integer("PRETEST_DAYS", 90, 1, 3650)
QUESTION_DAYS = env.integer("QUESTION_DAYS", 400, 30, 3650)
REPORTER_DAYS = env.integer("REPORTER_DAYS", 400, 30, 3650)
HARASSMENT_DAYS = env.integer("HARASSMENT_DAYS", 365, 1, 3650)
UNMATCHED_MAIL_DAYS = env.integer("UNMATCHED_MAIL_DAYS", 180, 1, 3650)

# Days for which it is kept what was agreed and paid for a commission: the law on bookkeeping says six years from the end of the
# year in Finland, and seven in Sweden.
COMMISSION_DAYS = env.integer("COMMISSION_DAYS", 2922, 365, 7305)

# Days before the end of the time in which a commissioned work may be used at which whoever asked for it is told.
COMMISSION_END_DAYS = env.integer("COMMISSION_END_DAYS", 30, 1, 180)

# Hours that an influencer waits, and days that a partner hears nothing from a person, until the team is reminded; and
# minutes until everyone hears of a report of harassment that nobody took.
WAITING_HOURS = env.integer("WAITING_HOURS", 24, 1, 720)
QUIET_DAYS = env.integer("QUIET_DAYS", 14, 1, 365)
HARASSMENT_MINUTES = env.integer("HARASSMENT_MINUTES", 15, 1, 1440)
