"""Delivery reports and complaints as mail servers write them."""

from delivery.message import verp
from delivery.models import Delivery


def return_path(row: Delivery) -> str:
    """Return where the bounces of a row come to."""
    return verp.return_path(row.pk, "bounces@example.org")


def bounce(
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown",
    *,
    to: str = "bounces@example.org",
    message_id: str = "",
    recipients: int = 1,
    more: str = "",
    reader: str = "",
) -> bytes:
    """Return a delivery report as mail servers write them, about `reader` or other addresses."""
    about = "\n".join(
        f"Final-Recipient: rfc822; {reader or f'reader{n}@example.net'}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {diagnostic}\nLast-Attempt-Date: Wed, 25 Mar 2026 10:00:05 +0000\n"
        for n in range(recipients)
    )
    quoted = f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\nSubject: Libraries open\n"
    return (
        f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nSubject: Undelivered Mail\nMessage-ID: <report-1@mx.example.net>\n"
        f"Date: Wed, 25 Mar 2026 12:00:07 +0200\n{more}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{about}\n"
        f"{quoted if message_id else ''}--b--\n"
    ).encode()


def complaint(kind: str = "abuse", *, quoted: str = "<unknown@example.com>", more: str = "") -> bytes:
    """Return a complaint as mailbox providers send them."""
    return (
        "From: fbl@mailbox.example.net\nTo: abuse@example.org\nMessage-ID: <complaint-1@mailbox.example.net>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is a report of abuse.\n"
        "--b\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: Some/1.0\nVersion: 1\n{more}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {quoted}\n\nLibraries open on Monday.\n--b--\n"
    ).encode()
