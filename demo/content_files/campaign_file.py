"""The campaign itself (campaign.yaml): its authorities, audiences, topics, regions, and when things go."""

from campaigns.models import Campaign

from .content import Content
from .formats import own_address

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def check_campaign(content: Content) -> None:
    """Look at every field of campaign.yaml that is loaded."""
    campaign = content.campaign
    campaign.text("slug", 60)
    campaign.choice("mode", ("exercise",))
    campaign.choice("default_language", content.languages)
    campaign.day("starts_on")
    for key in ("name", "hashtag", "summary", "bulletin_name", "note"):
        campaign.translated(key)
    campaign.choice("alert_category", Campaign.AlertCategory.values)
    campaign.choice("lead", [one.text("slug") for one in campaign.items("authorities")])
    sender, liaison = campaign.item("sender"), campaign.item("liaison")
    sender.translated("name")
    own_address(sender, "email")
    own_address(sender, "reply_to")
    liaison.text("name")
    own_address(liaison, "email")
    for authority in campaign.items("authorities"):
        authority.text("slug")
        authority.choice("kind", ("ministry", "agency", "municipality"))
        authority.translated("name")
        authority.translated("short_name")
        authority.url("url")
        own_address(authority, "contact")
    for audience in campaign.items("audiences"):
        audience.text("slug")
        audience.translated("name")
        audience.translated("description")
        audience.number("tier", optional=True)
        audience.number("max_size", optional=True)
        audience.choices("languages", content.languages)
        for size in audience.items("sizes"):
            size.day("date")
            size.number("size")
    check_times(content)
    for key in ("topics", "interests"):
        for item in campaign.items(key):
            item.text("slug", 40)
            item.translated("name")
    for region in campaign.items("regions"):
        region.text("code", 10)
        region.translated("name")
    for question in campaign.items("values_questions"):
        question.text("column", 40)
        question.translated("text")


def check_times(content: Content) -> None:
    """Look at when things go: the cadences, and the times of single bulletins."""
    campaign, audiences = content.campaign, content.slugs("audiences")
    for cadence in campaign.items("cadences"):
        cadence.text("slug")
        cadence.choice("audience", audiences)
        every = cadence.choice("every", ("immediate", "day", "week", "month"))
        cadence.day("from")
        cadence.day("until", optional=True)
        cadence.number("grace_minutes")
        if every != "immediate" and cadence.clock("local_time") is None:
            raise cadence.fault("local_time", "is missing")
        if every == "week":
            cadence.choice("weekday", WEEKDAYS)
        if every == "month" and cadence.get("day_of_month") != "last":
            cadence.number("day_of_month")
        cadence.clock("not_before")
        cadence.clock("not_after")
    for entry in campaign.items("schedule"):
        entry.moment("send_at")
        entry.choice("as", ("scheduled", "immediate"))
        if "bulletin" in entry.data:
            entry.number("bulletin")
            entry.choices("audiences", audiences)
