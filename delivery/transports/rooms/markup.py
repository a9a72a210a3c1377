"""
Words as each service wants them, so that they are shown as they were approved: nothing in them is read as formatting, and nobody
is called by an @all that happens to stand there.
"""

import html
import re
from typing import Any

from delivery.models import Room
from lib.http import url_parts

Service = Room.Service

UNSEEN = "\u200b"  # a space of no width: it parts what would be one word to a machine
MENTION = re.compile(r"(?<![\w.@])@(?=\w)")  # not the one in an address of mail
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
MARKDOWN = re.compile(r"[\\`*_{}\[\]#|~$>]")
LIST_SIGN = re.compile(r"^([ \t]*)([-+=]|\d{1,9}[.)])", re.MULTILINE)
MOST_BUTTONS = 3


def quiet(text: str) -> str:
    """Return a text in which no @ calls anybody."""
    return MENTION.sub(f"@{UNSEEN}", text)


def for_slack(text: str) -> str:
    """Return a text for Slack's `text` with mrkdwn off: <!channel> and <@U1> are made with these three signs."""
    return quiet(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def for_mattermost(text: str) -> str:
    """Return a text as Markdown that shows it as it is. The server makes Slack's <!channel> a mention before it reads Markdown."""
    parts, last = [], 0
    for found in WEB_ADDRESS.finditer(text):
        parts += [in_markdown(text[last : found.start()]), found[0]]
        last = found.end()
    return "".join([*parts, in_markdown(text[last:])])


def in_markdown(text: str) -> str:
    """Return words without an address in them, with every sign that Markdown reads marked as one to show."""
    shown = MARKDOWN.sub(r"\\\g<0>", quiet(text)).replace("<", f"<{UNSEEN}")
    return LIST_SIGN.sub(lambda found: f"{found[1]}{UNSEEN}{found[2]}", shown)


def in_html(text: str) -> str:
    """Return a text as HTML."""
    return html.escape(quiet(text)).replace("\n", "<br>")


def adaptive_card(text: str) -> dict[str, Any]:
    """
    Return a card for Teams: a line of runs for each line, which read no Markdown, and a button for each address. A card fills in
    dates that stand in double braces.
    """
    plain = quiet(text).replace("{{", f"{{{UNSEEN}{{")
    lines = [line for line in plain.split("\n") if line.strip()]
    blocks = [
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": line} | ({"weight": "Bolder"} if not n else {})],
        }
        for n, line in enumerate(lines)
    ]
    links = list(dict.fromkeys(WEB_ADDRESS.findall(text)))[:MOST_BUTTONS]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": url_parts.site_of(url), "url": url} for url in links],
    }
