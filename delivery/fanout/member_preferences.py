"""
Members' own wishes for mail, kept when a send gets its rows: everything at once or gathered, a break, and topics that they
snooze.
"""

from delivery.models import Audience, MailChoice, Mailing, Send, Snooze

# Whoever wants mail gathered, or only what is urgent, or has a break, is passed over, except by a newer version of what
# they got.
UNHURRIED = """
  AND (NOT EXISTS (SELECT 1 FROM {choice} c WHERE c.recipient_id = {who}.id AND c.campaign_id = %(campaign)s
                   AND (c.pace <> 'each' OR c.break_until > %(at)s)) {or_reached})
"""

# A gathered mail is for people who want it so, or did until lately.
GATHERED = """
  AND EXISTS (SELECT 1 FROM {choice} c WHERE c.recipient_id = {who}.id AND c.campaign_id = %(campaign)s
              AND (c.break_until IS NULL OR c.break_until <= %(at)s)
              AND (c.pace = %(pace)s OR (c.pace_before = %(pace)s AND c.changed_at > %(since)s)))
"""

# Whoever snoozes all that a mailing is about is passed over, except by a newer version of what they got.
SNOOZED = """
  AND ((SELECT COUNT(*) FROM {snooze} s WHERE s.recipient_id = {who}.id AND s.topic_id IN ({topics})
        AND (s.until IS NULL OR s.until > %(at)s)) < %(number_of_topics)s {or_reached})
"""


def preference_clauses(send: Send, mailing: Mailing) -> tuple[list[str], list[int]]:
    """
    Return the clauses by which members' own wishes are kept, and the topics that may be snoozed; none where nobody has
    such a wish. What is urgent, corrections of what someone got, welcome mails, digests and what stands in for a send that asked do not ask.
    """
    asks = send.audience.kind == Audience.Kind.INFLUENCERS and mailing.queue != Mailing.Queue.URGENT
    if not asks or send.exposed_only or send.newcomers_only or send.instead_of_id:
        return [], []
    clauses = []
    if send.pace:
        clauses.append(GATHERED)
    elif MailChoice.objects.filter(campaign=mailing.campaign_id).exists():
        clauses.append(UNHURRIED)
    topics = list(mailing.topics.order_by("pk").values_list("pk", flat=True))
    if topics and Snooze.objects.filter(topic__in=topics).exists():
        clauses.append(SNOOZED)
        return clauses, topics
    return clauses, []
