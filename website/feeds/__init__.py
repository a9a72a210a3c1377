"""Feeds, CAP alerts, calendar, oEmbed, WebSub."""
