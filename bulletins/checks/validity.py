"""What time has overtaken, or will: facts, slots, embargoes and validity."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bulletins.models import Target
from lib.text.facts.fact import Fact
from lib.text.facts.surroundings.roles import UNTIL, role_of

from .consistency.figures_match import end_facts, facts
from .findings import ADVICE, STOPS, Finding, Workspace, of_message


def unpublished_campaign(desk: Workspace) -> Iterator[Finding]:
    """Tell that nothing leaves before readers have the campaign."""
    if desk.campaign.published_at is None:
        yield Finding(
            ADVICE,
            "unpublished-campaign",
            _("Campaign"),
            _("This campaign is not published yet, so nothing from it is sent."),
            _("Publish it before the first slot."),
        )


def expired(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that no longer hold, or rest on a fact that was replaced."""
    for message in desk.messages:
        place = f"message:{message.pk}:{desk.bulletin.original_language}"
        newer = message.fact.superseded_by if message.fact else None
        if message.valid_until and message.valid_until <= desk.at:
            yield Finding(
                STOPS,
                "expired-message",
                of_message(message),
                _("This key message is no longer valid."),
                _("Change or remove it."),
                place=place,
                found=message.valid_until.isoformat(),
            )
        elif message.fact and newer and (not message.fact.superseded_at or message.fact.superseded_at <= desk.at):
            yield Finding(
                STOPS,
                "replaced-fact",
                of_message(message),
                _("Its fact has been replaced: %(fact)s") % {"fact": newer.text},
                _("Say what applies now, or remove it."),
                place=place,
                found=str(newer.pk),
            )


def impossible_times(desk: Workspace) -> Iterator[Finding]:
    """Find bulletins that go to nobody, times that have passed, and times before the embargo ends."""
    embargo = desk.bulletin.embargo_until
    if not desk.targets and desk.bulletin.version == 1:
        yield Finding(
            STOPS,
            "no-audience",
            _("Audiences"),
            _("It has no recipients."),
            _("Choose at least one audience."),
            place="targets",
        )
    for target in desk.targets:
        if target.timing != Target.Timing.AT_TIME or target.at is None:
            continue
        found = f"{target.pk} {target.at.isoformat()}"
        if target.at <= desk.at:
            says, code = _("The time has passed."), "past-time"
        elif embargo and target.at < embargo:
            says, code = _("The time is before the embargo ends."), "embargo-time"
        else:
            continue
        yield Finding(STOPS, code, str(target.audience), says, _("Choose a later one."), place="targets", found=found)


def nobody_to_ask(desk: Workspace) -> Iterator[Finding]:
    """Find urgent bulletins that ask partners and go to none. One query where it asks."""
    if desk.bulletin.asks_nobody(at=desk.at):
        yield Finding(
            ADVICE,
            "asks-nobody",
            _("Audiences"),
            _(
                "It asks partners to say that they have seen it, and none of its audiences has a partner: nobody is asked."
            ),
            _("Choose an audience with partners, or do not ask."),
            place="targets",
        )


def running_embargo(desk: Workspace) -> Iterator[Finding]:
    """Find an input's embargo that ends after the bulletin's own: its words would be out too early."""
    for source in desk.inputs:
        ends = source.embargo_until
        own = desk.bulletin.embargo_until
        if ends and ends > desk.at and (own is None or own < ends):
            yield Finding(
                STOPS,
                "embargo",
                _("Embargo"),
                _("“%(input)s” must not be published before %(time)s.")
                % {"input": source.title, "time": shown(desk, ends)},
                _("Set the bulletin's embargo to that time or later."),
                place="embargo",
                found=f"{source.pk} {ends.isoformat()}",
            )


def outlives_input(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that hold longer than the input they rest on, and inputs that no longer hold at all."""
    by_pk = {source.pk: source for source in desk.inputs}
    for source in desk.inputs:
        if source.valid_until and source.valid_until <= desk.at:
            yield Finding(
                STOPS,
                "expired-input",
                _("Submission"),
                _("“%(input)s” was valid until %(time)s.")
                % {"input": source.title, "time": shown(desk, source.valid_until)},
                _("Ask the authority what applies now."),
                place="inputs",
                found=f"{source.pk} {source.valid_until.isoformat()}",
                overridable=True,
            )
    for message in desk.messages:
        basis = by_pk.get(message.fact.input_id) if message.fact else None
        # What the authority said of this very fact counts before what it said of the whole input.
        ends = basis and ((message.fact and message.fact.valid_until) or basis.valid_until)
        if not ends or not message.valid_until:
            continue
        if message.valid_until > ends:
            yield Finding(
                STOPS,
                "outlives-input",
                of_message(message),
                _("It is valid for longer than the submission, which ends %(time)s.") % {"time": shown(desk, ends)},
                _("Shorten it, or ask the authority."),
                place=f"message:{message.pk}:{desk.bulletin.original_language}",
                found=message.valid_until.isoformat(),
                overridable=True,
            )


def other_end(desk: Workspace) -> Iterator[Finding]:
    """Find key messages whose words name a day until which something holds, and that are valid until another one or further notice."""
    for message in desk.messages:
        said = [fact for code, text in message.text.items() for fact in last_days(text, code)]
        if not said:
            continue
        if message.valid_until is None:
            says = _("It says “%(day)s”, and is valid until further notice.") % {"day": said[0].written}
        elif any(fact.matches(day) for fact in said for day in days_of(message.valid_until, desk.campaign.zone)):
            continue
        else:
            until = shown(desk, message.valid_until)
            says = _("It says “%(day)s”, and is valid until %(until)s.") % {"day": said[0].written, "until": until}
        yield Finding(
            ADVICE,
            "other-end",
            of_message(message),
            says,
            _("Set until when it is valid, if the day is its end: cards and pages show both."),
            place=f"message:{message.pk}:{desk.bulletin.original_language}",
            found="|".join([said[0].value, str(message.valid_until or "")]),
        )


def last_days(text: str, language: str) -> list[Fact]:
    """Return the days of a text until which something holds."""
    return [fact for fact in facts(text, language) if fact.kind == "date" and role_of(text, fact) == UNTIL]


def days_of(moment: datetime, zone: tzinfo) -> list[Fact]:
    """Return the day of the end of a validity, as facts; an end at midnight is that of the day before, too."""
    both = (moment, moment - timedelta(minutes=1))
    return [fact for one in both for fact in end_facts(one, zone) if fact.kind == "date"]


def next_word(desk: Workspace) -> Iterator[Finding]:
    """Find a moment at which more was to be said that has passed, and what is not known without one."""
    moment = desk.bulletin.next_word_at
    if moment and moment <= desk.at:
        yield Finding(
            STOPS,
            "late-word",
            _("When we say more"),
            _("%(time)s has passed.") % {"time": shown(desk, moment)},
            _("Choose a later time, or take it out."),
            place="next_word_at",
            found=moment.isoformat(),
        )
    elif not moment and any(edition.not_known.strip() for edition in desk.editions):
        yield Finding(
            ADVICE,
            "no-next-word",
            _("When we say more"),
            _("It says what is not known yet, and not when you say more."),
            _("Choose a time. Readers wait more calmly when they know how long."),
            place="next_word_at",
        )


def shown(desk: Workspace, moment: datetime) -> str:
    """Return a moment in the campaign's zone as people write it."""
    return date_format(desk.campaign.local(moment), "SHORT_DATETIME_FORMAT")
