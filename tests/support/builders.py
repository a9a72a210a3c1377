"""
Plain functions that build what tests talk about, by the same verbs as the application where there are any.

Everything has a default; a test names only what it is about. Nothing here reads a clock: NOON is the moment.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db import connection, transaction
from PIL import Image

from accounts.models import User
from bulletins.models import Bulletin, Cadence, KeyMessage, MessageInput, Platform, Variant, Version
from campaigns.models import Authority, Campaign, CampaignLanguage, Region, Topic
from delivery.models import (
    Audience,
    Consent,
    Delivery,
    Mailing,
    Membership,
    Message,
    Recipient,
    Send,
    SignUp,
    Subscription,
    TopicSet,
    address_hash,
)
from factcheck.models import Claim, ClaimVersion, Evidence
from factcheck.verdicts import verdict_workflow
from influencers.models import Influencer
from questions import authority_requests
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup

NOON = datetime(2026, 3, 25, 12, tzinfo=ZoneInfo("Europe/Helsinki"))
LANGUAGES = ("fi", "sv", "en")

TEXTS = {
    "fi": {
        "title": "Kirjastot avataan maanantaina",
        "subject": "Kirjastot avataan maanantaina",
        "preheader": "Lainaa, palauta, lue paikan päällä.",
        "body": "Kirjastot avataan **maanantaina**.\n\n## Mitä se tarkoittaa\n\n- Voit lainata ja palauttaa.\n- Pidä väliä.",
        "key_message": "Kirjastot avataan maanantaina.",
        "call": "Palauta lainat ajallaan.",
        "caption": "Kirjastot avataan maanantaina. Pidä väliä.",
    },
    "sv": {
        "title": "Biblioteken öppnar på måndag",
        "subject": "Biblioteken öppnar på måndag",
        "preheader": "Låna, lämna tillbaka, läs på plats.",
        "body": "Biblioteken öppnar på **måndag**.\n\n## Vad det betyder\n\n- Du kan låna och lämna tillbaka.\n- Håll avstånd.",
        "key_message": "Biblioteken öppnar på måndag.",
        "call": "Lämna tillbaka lånen i tid.",
        "caption": "Biblioteken öppnar på måndag. Håll avstånd.",
    },
    "en": {
        "title": "Libraries open on Monday",
        "subject": "Libraries open on Monday",
        "preheader": "Borrow, return, read there.",
        "body": "Libraries open on **Monday**.\n\n## What it means\n\n- You can borrow and return.\n- Keep your distance.",
        "key_message": "Libraries open on Monday.",
        "call": "Return what you borrowed on time.",
        "caption": "Libraries open on Monday. Keep your distance.",
    },
}


def in_all(**texts: str) -> dict[str, str]:
    """Return a translated text; a language that is not given says the English one with its code."""
    return {code: texts.get(code, f"{texts.get('en', '')} ({code})") for code in LANGUAGES}


def take_statistics() -> None:
    """
    Tell the database how much there is, after building more than a thousand rows.

    What is not committed never gets statistics by itself, and without them PostgreSQL plans for tables of one row.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# --- People ---------------------------------------------------------------------------------------------


def build_user(name: str, role: str | None = None, **fields: Any) -> User:
    """Return a user name@example.org with a role (a group that permissions.sync() fills); staff roles may enter the desk."""
    from accounts.access.roles import STAFF

    fields.setdefault("is_staff", role in {str(one) for one in STAFF})
    user = User.objects.create_user(f"{name}@example.org", name=name.capitalize(), **fields)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


# --- Campaigns --------------------------------------------------------------------------------------------


def build_campaign(slug: str = "harjoitus", *, languages: Sequence[str] = LANGUAGES, **fields: Any) -> Campaign:
    """Return a published campaign, an exercise unless `mode` says so, with its languages; the first is the main one."""
    values = {
        "mode": Campaign.Mode.EXERCISE,
        "default_language": languages[0],
        "starts_on": date(2026, 3, 16),
        "sender_email": "bulletins@example.org",
        "reply_to": "liaison@example.org",
        "liaison_name": "Liisa Lind",
        "liaison_email": "liisa@example.org",
        "note": {"fi": "Harjoitus", "sv": "Övning", "en": "Exercise"},
    }
    campaign = Campaign(slug=slug, **values | {name: value for name, value in fields.items() if name != "published_at"})
    campaign.starts_on = Campaign._meta.get_field("starts_on").to_python(campaign.starts_on)
    campaign.published_at = fields.get("published_at", campaign.begins_at)
    campaign.save()
    names = {"fi": "Harjoitus", "sv": "Övning", "en": "Exercise"}
    CampaignLanguage.objects.bulk_create(
        CampaignLanguage(
            campaign=campaign,
            code=code,
            position=position,
            name=names.get(code, slug),
            hashtag="#harjoitus",
            sender_name=f"Team ({code})",
        )
        for position, code in enumerate(languages)
    )
    return campaign


def build_authority(slug: str = "ministry", **fields: Any) -> Authority:
    """Return an authority, a ministry unless `kind` says otherwise."""
    values = {"kind": Authority.Kind.MINISTRY, "name": {"fi": "Ministeriö", "sv": "Ministeriet", "en": "Ministry"}}
    return Authority.objects.create(slug=slug, **values | fields)


def build_topic(campaign: Campaign, slug: str = "libraries") -> Topic:
    """Return a topic."""
    return Topic.objects.create(campaign=campaign, slug=slug, name=in_all(en=slug.capitalize()))


def build_region(code: str = "MK01") -> Region:
    """Return a region."""
    return Region.objects.create(code=code, name=in_all(en=f"Region {code}"))


# --- Recipients --------------------------------------------------------------------------------------------


def build_audience(
    campaign: Campaign,
    slug: str = "network",
    *,
    size: int = 0,
    language: str | Sequence[str] = LANGUAGES,
    cadence: str | None = None,
    **fields: Any,
) -> Audience:
    """
    Return an audience with `size` members who read `language` (one for all, or several in turn).

    With a `cadence` ("immediate", "day", "week", "month") it has slots at 15:00 (Mondays; the first of a month).
    """
    values = {"name": in_all(en=slug.capitalize()), "languages": list(LANGUAGES), "tier": 2}
    with transaction.atomic():  # a tick beside it forgets people whom nothing holds
        audience = Audience.objects.create(campaign=campaign, slug=slug, **values | fields)
        if size:
            build_recipients(size, audience, language=language)
        if cadence:
            build_cadence(audience, cadence)
    return audience


def build_cadence(audience: Audience, every: str = "day", **fields: Any) -> Cadence:
    """Return a cadence of an audience: at 15:00 on every day, on Mondays, or on the first of a month."""
    values: dict[str, Any] = {"slug": f"{audience.slug}-{every}", "starts_on": date(2026, 3, 1)}
    if every != Cadence.Every.IMMEDIATE:
        values["local_time"] = time(15)
    if every == Cadence.Every.WEEK:
        values["weekday"] = 0
    if every == Cadence.Every.MONTH:
        values["day_of_month"] = 1
    return Cadence.objects.create(audience=audience, every=every, **values | fields)


def build_recipients(
    number: int, audience: Audience | None = None, *, language: str | Sequence[str] = LANGUAGES, prefix: str = ""
) -> list[Recipient]:
    """
    Return `number` active recipients prefix1@example.net …, members of `audience` (if any) for a month before NOON.

    `language` is one code for all, or several in turn.
    """
    codes = [language] if isinstance(language, str) else list(language)
    prefix = prefix or f"{audience.slug}-" if audience else prefix or "reader-"
    addresses = [f"{prefix}{position}@example.net" for position in range(1, number + 1)]
    recipients = Recipient.objects.bulk_create(
        [
            Recipient(
                email=address,
                address_hash=address_hash(address),
                name=f"Reader {position}",
                language=codes[position % len(codes)],
                created_at=NOON - timedelta(days=30),
            )
            for position, address in enumerate(addresses)
        ],
        batch_size=500,
    )
    if audience is not None:
        join(audience, recipients)
    return recipients


def join(audience: Audience, recipients: Iterable[Recipient], *, at: datetime = NOON - timedelta(days=30)) -> None:
    """Make recipients who agreed to its mail members of an audience from `at` on."""
    people = list(recipients)
    Membership.objects.bulk_create(
        [Membership(audience=audience, recipient=recipient, joined_at=at) for recipient in people], batch_size=500
    )
    agree(people, audience.purpose, at=at)


def agree(
    recipients: Iterable[Recipient],
    purpose: str = Consent.Purpose.BULLETINS,
    *,
    at: datetime = NOON - timedelta(days=30),
) -> None:
    """Let recipients approve a kind of mail and confirm it, people who have not yet."""
    Consent.objects.bulk_create(
        [
            Consent(
                recipient=recipient,
                purpose=purpose,
                text_version="1",
                language=recipient.language,
                source="test",
                given_at=at,
                confirmed_at=at,
            )
            for recipient in recipients
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def build_subscribers(
    number: int,
    audience: Audience,
    *,
    topics: Iterable[Topic] = (),
    language: str | Sequence[str] = LANGUAGES,
    prefix: str = "",
    at: datetime = NOON - timedelta(days=30),
    **fields: Any,
) -> list[Subscription]:
    """
    Return `number` subscribers of a digest since `at`, to everything unless `topics` are given, each with a membership.
    No slot before NOON, or before they came, is theirs.
    """
    recipients = build_recipients(number, language=language, prefix=prefix or f"{audience.slug}-")
    join(audience, recipients, at=at)
    key = ".".join(str(pk) for pk in sorted(topic.pk for topic in topics))
    chosen, _new = TopicSet.objects.get_or_create(campaign=audience.campaign, key=key)
    return Subscription.objects.bulk_create(
        [
            Subscription(
                recipient=recipient,
                campaign=audience.campaign,
                audience=audience,
                language=recipient.language,
                subscribed_at=at,
                **{"topics": chosen, "told_topics": chosen, "considered_at": max(at, NOON)} | fields,
            )
            for recipient in recipients
        ],
        batch_size=500,
    )


def build_influencer(
    campaign: Campaign, name: str = "ines", *, audience: Audience | None = None, **fields: Any
) -> Influencer:
    """
    Return an influencer with a login (name@example.org), a recipient who agreed to bulletins, and a place in `audience`
    if given.
    """
    language = fields.pop("language", "fi")
    user = fields.pop("user", None) or build_user(name, "influencer", language=language)
    recipient = Recipient.objects.create(email=user.email, name=user.name, language=language)
    Consent.objects.create(
        recipient=recipient,
        purpose=Consent.Purpose.BULLETINS,
        text_version="1",
        language=language,
        source="join form",
        given_at=NOON - timedelta(days=30),
        confirmed_at=NOON - timedelta(days=30),
    )
    if audience is not None:
        join(audience, [recipient])
    values = {"reference": f"ref-{name}", "name": user.name, "joined_at": NOON - timedelta(days=30)}
    return Influencer.objects.create(campaign=campaign, user=user, recipient=recipient, **values | fields)


# --- Subscribers ----------------------------------------------------------------------------------------------


def build_digest(campaign: Campaign, every: str = "week", **fields: Any) -> Audience:
    """Return a digest audience digest-week … of a campaign that comes so often."""
    slug = fields.pop("slug", f"digest-{every}")
    return build_audience(campaign, slug, cadence=every, **{"kind": Audience.Kind.DIGEST, "tier": None} | fields)


def build_subscription(
    audience: Audience,
    email: str = "elli@example.net",
    *,
    topics: Iterable[Topic] = (),
    language: str = "fi",
    since: int = 0,
    at: datetime = NOON - timedelta(days=30),
) -> Subscription:
    """
    Return the subscription to an audience of someone who confirmed at `at` and is served what comes after `since`.
    """
    from delivery.links import confirmation_links
    from delivery.subscriptions import double_opt_in, signup

    signup.request_subscription(
        audience.campaign,
        email=email,
        audience=audience,
        topics=[topic.pk for topic in topics],
        language=language,
        text_version="1",
        source="test",
        place="192.0.2.1",
        at=at,
    )
    row = SignUp.objects.get(campaign=audience.campaign, email=email)
    token = confirmation_links.confirm_url(row, language=language, at=at).rstrip("/").rpartition("/")[2]
    return double_opt_in.confirm(token, upto=since, at=at)


# --- Sends, without a bulletin --------------------------------------------------------------------------------


def build_mailing(
    campaign: Campaign, key: str = "mailing-1", *, languages: Sequence[str] = LANGUAGES, **fields: Any
) -> Mailing:
    """Return a mailing with a frozen message in each language. `text` and `html` may be given, the same for all."""
    text, html = fields.pop("text", None), fields.pop("html", None)
    headers = fields.pop("headers", {})
    fields.setdefault("is_digest", fields.get("queue") == Mailing.Queue.DIGEST)
    fields.setdefault("created_at", NOON)
    mailing = Mailing.objects.create(campaign=campaign, key=key, **fields)
    senders = dict(campaign.languages.values_list("code", "sender_name"))
    for code in languages:
        words = TEXTS.get(code, TEXTS["en"])
        Message.objects.create(
            sender_name=senders.get(code, ""),
            mailing=mailing,
            language=code,
            subject=words["subject"],
            text=text or f"{words['body']}\n",
            html=html or f'<html lang="{code}"><body><p>{words["key_message"]}</p></body></html>',
            headers=headers,
            created_at=NOON,
        )
    return mailing


def build_send(audience: Audience, mailing: Mailing | None = None, *, slot_at: datetime = NOON, **fields: Any) -> Send:
    """Return a planned send of a mailing (built if not given) to an audience, due at NOON."""
    mailing = mailing or build_mailing(audience.campaign)
    values = {"slot_key": f"{mailing.key}-{slot_at:%Y%m%dT%H%M}", "slot_at": slot_at}
    return Send.objects.create(mailing=mailing, audience=audience, **values | fields)


def build_fanned_out_send(audience: Audience, *, at: datetime = NOON, **fields: Any) -> Send:
    """Return a send that has its deliveries, one per member, all queued."""
    from delivery.fanout import fanout

    send = build_send(audience, slot_at=at, **fields)
    fanout.fan_out(send, at=at)
    return send


def build_delivery(send: Send, recipient: Recipient, **fields: Any) -> Delivery:
    """Return one row of a send by itself, as a fan-out would have written it."""
    from delivery.reports import ledger_partitions

    ledger_partitions.ensure_partition(send.mailing_id)
    return Delivery.objects.create(
        send=send, mailing_id=send.mailing_id, recipient=recipient, **{"language": "fi", **fields}
    )


def states_of(send: Send) -> dict[str, int]:
    """Return how many deliveries of a send are in each state."""
    counts: dict[str, int] = {}
    for state in Delivery.objects.filter(send=send).values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


# --- Message inputs and bulletins -------------------------------------------------------------------------------


def build_input(
    campaign: Campaign,
    *,
    authority: Authority | None = None,
    by: User | None = None,
    at: datetime = NOON,
    **fields: Any,
) -> MessageInput:
    """Return a message input, submitted by a contributor (built if not given) of an authority (likewise)."""
    from bulletins.intake import submissions
    from campaigns.models import AuthorityMember

    authority = authority or Authority.objects.filter(slug="ministry").first() or build_authority()
    if by is None:
        by = User.objects.filter(email="contributor@example.org").first() or build_user("contributor", "contributor")
        AuthorityMember.objects.get_or_create(authority=authority, user=by)
    values: dict[str, Any] = {
        "title": TEXTS["fi"]["title"],
        "body": TEXTS["fi"]["body"],
        "language": "fi",
        "sources": [{"publisher": "Ministry", "title": "Decision", "url": "https://ministry.example.org/decision"}],
    }
    return submissions.submit(campaign=campaign, authority=authority, by=by, at=at, **values | fields)


def build_bulletin(
    campaign: Campaign,
    *,
    by: User | None = None,
    at: datetime = NOON,
    audiences: Sequence[Audience] = (),
    timing: str = "at_once",
    languages: Sequence[str] = LANGUAGES,
    variants: bool = False,
    inputs: Sequence[MessageInput] = (),
    **fields: Any,
) -> Bulletin:
    """
    Return a complete draft: an edition in each language, a key message and a call to action, and its audiences.

    Without `audiences` it goes to all that the campaign has ("network" is built when there is none). `fields` are
    the bulletin's own.
    """
    from bulletins.editing import drafts
    from bulletins.models import CallToAction, EditionRevision, Target

    by = by or editor()
    bulletin = drafts.start(campaign, by=by, at=at, inputs=list(inputs))
    for name, value in fields.items():
        setattr(bulletin, name, value)
    if fields:
        bulletin.save()
    original = bulletin.original_language
    editions = {edition.language: edition for edition in bulletin.editions.all()}
    written = [editions[code] for code in sorted(languages, key=lambda code: code != original)]
    for edition in written:  # as drafts.save_edition does, but all at once
        for name in ("title", "subject", "preheader", "body"):
            setattr(edition, name, TEXTS.get(edition.language, TEXTS["en"])[name])
        edition.revision = 1
        edition.source_revision = int(edition.language != original and original in languages)
        edition.save()
    EditionRevision.objects.filter(edition__in=written).delete()  # the words of a submission
    EditionRevision.objects.bulk_create(
        EditionRevision(
            edition=edition,
            revision=edition.revision,
            version=bulletin.version,
            edited_by=by,
            edited_at=at,
            source_revision=edition.source_revision,
            **{name: getattr(edition, name) for name in drafts.FIELDS},
        )
        for edition in written
    )
    if variants:
        Variant.objects.bulk_create(
            Variant(
                edition=edition,
                platform=Platform.INSTAGRAM,
                caption=TEXTS.get(edition.language, TEXTS["en"])["caption"],
                alt_text=edition.title,
            )
            for edition in written
        )
    KeyMessage.objects.create(
        bulletin=bulletin,
        key="opening",
        text={code: TEXTS.get(code, TEXTS["en"])["key_message"] for code in languages},
        owner=by,
        source_name=in_all(en="Ministry"),
        source_url=dict.fromkeys(languages, "https://ministry.example.org/decision"),
    )
    CallToAction.objects.create(
        bulletin=bulletin, key="return", text={code: TEXTS.get(code, TEXTS["en"])["call"] for code in languages}
    )
    audiences = (
        audiences or list(campaign.audiences.filter(kind=Audience.Kind.INFLUENCERS)) or [build_audience(campaign)]
    )
    bulletin.targets.all().delete()
    Target.objects.bulk_create(Target(bulletin=bulletin, audience=audience, timing=timing) for audience in audiences)
    bulletin.refresh_from_db()
    return bulletin


def build_bulletin_in_review(
    campaign: Campaign, *, by: User | None = None, at: datetime = NOON, **fields: Any
) -> Bulletin:
    """Return a complete bulletin that its editor has submitted for approval."""
    by = by or editor()
    return submitted(build_bulletin(campaign, by=by, at=at, **fields), by=by, at=at)


def build_approved_bulletin(
    campaign: Campaign, *, by: User | None = None, approver: User | None = None, at: datetime = NOON, **fields: Any
) -> Bulletin:
    """Return a bulletin that a second person has approved as it stands."""
    by = by or editor()
    return approved(build_bulletin(campaign, by=by, at=at, **fields), by=by, approver=approver, at=at)


def build_published_version(
    campaign: Campaign, *, by: User | None = None, approver: User | None = None, at: datetime = NOON, **fields: Any
) -> Version:
    """Return a version that everyone can read since `at`, with its sends planned and nothing sent."""
    by = by or editor()
    return published(build_bulletin(campaign, by=by, at=at, **fields), by=by, approver=approver, at=at)


def reworded(bulletin: Bulletin, *, by: User | None = None, at: datetime = NOON) -> Bulletin:
    """Return a correction whose texts say in every language that it is corrected, the original's first."""
    from bulletins.editing import drafts

    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.preheader = f"{edition.preheader[:75]} (v{bulletin.version})"
        drafts.save_edition(edition, by=by or editor(), at=at)
    return bulletin


def submitted(bulletin: Bulletin, *, by: User | None = None, at: datetime = NOON) -> Bulletin:
    """Submit a draft for approval and return it; a correction in which a test has changed nothing is `reworded` before."""
    from bulletins.approval import approval_workflow
    from bulletins.checks import registry

    is_correction = bulletin.kind == Bulletin.Kind.CORRECTION
    if is_correction and any(finding.code == "nothing-new" for finding in registry.stops(bulletin, at=at)):
        reworded(bulletin, by=by, at=at)
    with checks_passed():
        approval_workflow.submit(bulletin, by=by or editor(), at=at)
    return bulletin


def approved(
    bulletin: Bulletin, *, by: User | None = None, approver: User | None = None, at: datetime = NOON
) -> Bulletin:
    """Submit a draft, have its claims signed off when it has any and a second person approve it, and return it."""
    from bulletins.approval import approval_workflow, required_sign_offs

    submitted(bulletin, by=by, at=at)
    with checks_passed(), unchanged():
        if required_sign_offs.is_required(bulletin, required_sign_offs.resting_on_claims([bulletin.pk])):
            approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=checker(), at=at)
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=approver or second_person(), at=at)
    return bulletin


@contextmanager
def checks_passed() -> Iterator[None]:
    """
    Nothing stops what is submitted and approved inside: to gather all that the checks look at takes half as long as either step,
    and half of the time of most tests went into building bulletins. That what stops a bulletin refuses both is tested where the
    steps are taken themselves.
    """
    from bulletins.checks import registry

    with patch.object(registry, "stops", return_value=[]):
        yield


@contextmanager
def unchanged() -> Iterator[None]:
    """What is approved and published inside is what was submitted a moment ago: it is not read and compared again."""
    with patch.object(Bulletin, "content_digest", lambda bulletin, parts=None: bulletin.digest):
        yield


def published(
    bulletin: Bulletin, *, by: User | None = None, approver: User | None = None, at: datetime = NOON
) -> Version:
    """Submit a draft, have it approved, publish it, and return the version."""
    from bulletins.publication import publish

    approved(bulletin, by=by, approver=approver, at=at)
    with unchanged():
        return publish.publish(bulletin, at=at)


def build_bulletins(number: int, campaign: Campaign, *, at: datetime = NOON) -> list[Version]:
    """Return `number` published versions, a day apart, the last at `at`."""
    return [build_published_version(campaign, at=at - timedelta(days=number - 1 - day)) for day in range(number)]


def build_cards(bulletin: Bulletin, *, at: datetime = NOON) -> list[tuple[int, int]]:
    """Make the cards of a bulletin that are not there yet, blank ones; return how far it was each time, and of how many."""
    from bulletins.media import message_cards

    with blank_pictures():
        return list(message_cards.make_cards(bulletin, at))


@contextmanager
def blank_pictures() -> Iterator[None]:
    """
    Cards that are made inside are blank, for whoever asks which there are and not how they look: a bulletin in three languages
    has 33, and drawing them takes two seconds.
    """
    from bulletins.media import card_themes, message_cards
    from lib.images.picture_sizes import SIZES, Ratio

    def blank(spec: Any, ratio: str, code: str) -> Any:
        if not card_themes.fits(spec, ratio):
            return None
        small = _blank("AVIF") if ratio == Ratio.SQUARE and spec.kind == card_themes.CARD else b""
        return message_cards.Made(_blank("PNG"), ".png", _blank("WEBP"), *SIZES[Ratio(ratio)], look=0, miniature=small)

    with patch.object(message_cards, "picture_of", blank):
        yield


@cache
def _blank(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (480, 600), "white").save(out, kind)
    return out.getvalue()


def editor() -> User:
    """Return an editor, the same one each time."""
    return User.objects.filter(email="editor@example.org").first() or build_user("editor", "editor")


def unsubscribe_url(recipient_id: int, mailing_id: int, language: str) -> str:
    """Return the link that takes a recipient off what a mailing is one of, as their mail has it."""
    from delivery.links.unsubscribe import UnsubscribeLinks

    email = Recipient.objects.values_list("email", flat=True).get(pk=recipient_id)
    return UnsubscribeLinks(mailing_id, language).of(recipient_id, email)


def second_person() -> User:
    """Return an approver, the same one each time."""
    return User.objects.filter(email="approver@example.org").first() or build_user("approver", "approver")


def checker() -> User:
    """Return a fact-checker, the same one each time."""
    return User.objects.filter(email="checker@example.org").first() or build_user("checker", "fact-checker")


# --- Fact-checks --------------------------------------------------------------------------------------------------


def build_claim(
    campaign: Campaign, slug: str = "garlic", *, published: bool = True, at: datetime = NOON, **fields: Any
) -> Claim:
    """Return a claim with two sources, found false by one person and confirmed by another unless not `published`."""
    values: dict[str, Any] = {
        "text": in_all(en="Garlic cures it"),
        "fact": in_all(en="No food cures it."),
        "warning": in_all(en="A falsehood goes round."),
        "fallacy": in_all(en="It confuses smell with effect."),
        "fact_again": in_all(en="No food cures it; rest and water help."),
        "created_at": at.astimezone(UTC),
    }
    claim = Claim.objects.create(campaign=campaign, slug=slug, **values | fields)
    Evidence.objects.bulk_create(
        Evidence(claim=claim, publisher=f"Institute {n}", title="Findings", url=f"https://institute{n}.example/")
        for n in (1, 2)
    )
    if published:
        publish_claim(claim, at=at)
    return claim


def publish_claim(claim: Claim, verdict: str = Claim.Verdict.FALSE, *, at: datetime = NOON) -> ClaimVersion:
    """Have one person propose a verdict and another confirm it, publish it, and return the version."""
    verdict_workflow.propose(claim, verdict, by=editor(), at=at)
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=at)
    return verdict_workflow.publish(claim, by=second_person(), at=at)


def pause_claim(
    claim: Claim, *, told: dict[str, str] | None = None, reason: str = "", by: User, at: datetime = NOON
) -> None:
    """Pause a fact-check; words for its readers, if any, are agreed to by another person right after."""
    verdict_workflow.pause(claim, reason=reason, by=by, at=at)
    if told:
        verdict_workflow.propose_custom_text(claim, in_all(**told), by=by, at=at)
        waiting = verdict_workflow.waiting_custom_text(claim)
        assert waiting
        verdict_workflow.approve_custom_text(claim, digest=waiting.digest, by=another_than(by), at=at)
        claim.refresh_from_db()


def withdraw_claim(
    claim: Claim, *, told: dict[str, str] | None = None, reason: str = "", by: User, at: datetime = NOON
) -> ClaimVersion:
    """Withdraw a paused fact-check, in words that another person wrote, or in the fixed sentence."""
    digest = (
        verdict_workflow.propose_custom_text(claim, in_all(**told), by=another_than(by), at=at).digest if told else ""
    )
    return verdict_workflow.withdraw(claim, digest=digest, reason=reason, by=by, at=at)


def withdraw_answer(answer: Answer, *, why: dict[str, str] | None = None, by: User, at: datetime = NOON) -> None:
    """Withdraw an answer; words for its readers, if any, are agreed to by another person right after."""
    answer_workflow.withdraw(answer, by=by, at=at)
    if why:
        waiting = answer_workflow.propose_custom_text(answer, in_all(**why), by=by, at=at)
        answer_workflow.approve_custom_text(answer, digest=waiting.digest, by=another_than(by), at=at)


def decline_group(group: QuestionGroup, *, why: dict[str, str] | None = None, by: User, at: datetime = NOON) -> None:
    """Say that a question gets no answer; words for people who asked are agreed to by another person right after."""
    authority_requests.decline(group, by=by, at=at)
    if why:
        waiting = authority_requests.propose_custom_text(group, in_all(**why), by=by, at=at)
        authority_requests.approve_custom_text(group, digest=waiting.digest, by=another_than(by), at=at)


def another_than(person: User) -> User:
    """Return an approver who is someone else."""
    found = second_person()
    if found.pk != person.pk:
        return found
    return User.objects.filter(email="third@example.org").first() or build_user("third", "approver")


def publish_anew(version: Version, **words: Any) -> None:
    """Have the editions of a published version say something else: others take their place, for none can be changed."""
    editions = list(version.editions.all())
    version.editions.all().delete()
    for edition in editions:
        for name, value in words.items():
            setattr(edition, name, value)
        edition.pk, edition._state.adding = None, True
        edition.save()
