"""What stands at the head of a single mail: who it is from, where an answer goes, and by which name it is known."""

from email.utils import make_msgid, parseaddr

from campaigns.models import Campaign

from . import compiling


def from_campaign(campaign: Campaign, language: str) -> dict[str, str]:
    """
    Return the headers of a mail to somebody outside the team: it is from the campaign under its name in their language,
    and an answer reaches the team.
    """
    sender = compiling.own_address(campaign.sender_email)
    return {
        "From": named(compiling.sender_name(campaign, language), sender),
        "Reply-To": compiling.own_address(campaign.reply_to),
        "Message-ID": new_message_id(sender),
    }


def subject(text: str) -> str:
    """Return the subject of a mail that Django writes: one line, and no sign in it that deceives."""
    return compiling.undecodable(compiling.printable(compiling.one_line(text)))


def named(name: str, address: str) -> str:
    """Return a name and an address as one header; Django writes it for the wire."""
    quoted = compiling.undecodable(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if name else address


def new_message_id(sender: str) -> str:
    """Return a Message-ID that no other mail has, of the domain of the sender, who may have a name."""
    return make_msgid(domain=compiling.mail_domain(parseaddr(sender)[1]))
