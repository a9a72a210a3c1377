"""What campaigns.words.PrintedWords writes, of rows as migrations know them: for what was published before it was kept."""

from collections.abc import Iterable
from typing import Any


def named(key: str, row: Any) -> dict[str, Any]:
    """Return a topic, region or authority."""
    return {"key": key, "name": row.name, "url": getattr(row, "url", "")}


def shown(texts: dict[str, str], language: str) -> str:
    """Return a text in a language, else in English, else in any."""
    tried = (language, language.partition("-")[0], "en", *texts)
    return next((texts[code] for code in tried if texts.get(code)), "")


def printed(campaign: Any, *, topics: Iterable[Any] = (), regions: Iterable[Any] = (), authority: Any = None) -> Any:
    """Return the words as they stand now, as plain data."""
    lead, live = campaign.authority, campaign.mode == "live"
    return {
        "campaign": campaign.slug,
        "is_exercise": not live,
        "is_actual": bool(live and lead and lead.may_issue_alerts),
        "alert_category": campaign.alert_category,
        "time_zone": campaign.time_zone,
        "default_language": campaign.default_language,
        "sender_email": campaign.sender_email,
        "reply_to": campaign.reply_to,
        "note": campaign.note,
        "languages": [
            {
                "code": row.code,
                "name": row.name,
                "hashtag": row.hashtag,
                "sender_name": row.sender_name,
                "bulletin_name": row.bulletin_name,
                "run_by": (shown(lead.name, row.code) if lead else "") or row.sender_name,
            }
            for row in campaign.languages.order_by("position", "pk")
        ],
        "topics": [named(one.slug, one) for one in sorted(topics, key=lambda one: one.slug)],
        "regions": [named(one.code, one) for one in sorted(regions, key=lambda one: one.code)],
        "authority": named(authority.slug, authority) if authority else None,
    }
