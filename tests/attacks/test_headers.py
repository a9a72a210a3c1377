"""Nobody writes a line into the head of a mail or of an answer, and no link of ours leads to another site."""

import re
from collections import Counter
from email import message_from_string, policy
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.apps import apps
from django.core import mail
from django.db import models
from django.test import Client
from django.utils import timezone

from accounts.models import User
from campaigns.models import CampaignLanguage
from config.tick import STEPS
from delivery.fanout import fanout
from delivery.message.headers import clean_subject, from_campaign
from delivery.models import Recipient, Send
from delivery.sending import worker
from influencers.models import Influencer, Invitation, ThreadMessage
from tests.desk import scene as desk_scene
from tests.support import builders, frozen_rows

from . import payloads, scene

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

SPY = "spy@evil.example"
BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Every header that a mail of ours may have. Another one is someone else's.
KNOWN = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type", "content-language",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-help", "list-archive",
    "feedback-id", "auto-submitted", "precedence", "x-auto-response-suppress", "in-reply-to", "references", "sender",
    "importance", "priority", "x-priority", "x-peer", "return-path", "disposition-notification-to",
}  # fmt: skip


def in_the_head(sink: Any) -> tuple[list[str], Counter[str]]:
    """Return what is wrong in the raw head of the mails that a real server got, and how many mails of each subject came."""
    wrong, subjects = [], Counter[str]()
    for caught in sink.caught:
        head = caught.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("ascii", "replace")
        names = Counter(line.partition(":")[0].lower() for line in head.split("\n") if not line.startswith((" ", "\t")))
        subjects[str(caught.message["Subject"]).partition("] ")[2][:20]] += 1
        wrong += [f"{name}: {number} times" for name, number in names.items() if name not in KNOWN or number > 1]
        if "\r" in head or any(len(line) > 998 for line in head.split("\n")):
            wrong.append(f"a line of the head: {head[:200]!r}")
        if SPY in caught.recipient or SPY in caught.sender or len(caught.message["To"].addresses) != 1:
            wrong.append(f"{caught.recipient}: {caught.message['To']}")
    return wrong, subjects


def write_over(models_: set[str]) -> None:
    """Write a line end and another header into every name, subject and text of some models, in the database itself."""
    words = scene.Words([text.replace("\x00", "") for text in payloads.HEADERS])
    for label in models_:
        model = apps.get_model(label)
        for row in model._default_manager.all():
            values = {}
            for field in scene.worded_fields(model):
                value = scene.new_value(field, getattr(row, field.name), words)
                if isinstance(field, models.CharField):
                    value = words.fitting(field.max_length)
                values[field.name] = value
            with frozen_rows.thawed():
                models.QuerySet(model).filter(pk=row.pk).update(**values)
    User.objects.update(name=payloads.HEADERS[0])


@pytest.mark.slow
def test_no_name_subject_or_text_writes_a_line_into_the_head_of_any_mail(campaign, roles, smtp_sink, settings, caplog):
    settings.PUBLIC_URL = "https://bulletins.example"
    now = timezone.now().replace(microsecond=0)
    scene.fill(campaign, at=now)
    desk_scene.fill(campaign, 2, noon=now)
    Influencer.objects.filter(reference="ref-ines-2").update(state=Influencer.State.INVITED)
    write_over({
        "campaigns.Campaign", "campaigns.CampaignLanguage", "campaigns.Topic", "campaigns.Authority", "delivery.Audience",
        "delivery.Recipient", "influencers.Influencer", "influencers.ThreadMessage", "influencers.Harassment",
        "influencers.Invitation", "influencers.UnmatchedMail", "influencers.Thanks", "bulletins.MessageInput",
        "questions.QuestionGroup", "notifications.Notice", "delivery.Message", "factcheck.Claim",
    })  # fmt: skip
    words = scene.Words([text.replace("\x00", "") for text in payloads.HEADERS])
    for message in apps.get_model("delivery.Message").objects.all():
        with frozen_rows.thawed():
            models.QuerySet(type(message)).filter(pk=message.pk).update(subject=words.fitting(200))
    Invitation.objects.update(sent_at=None, next_attempt_at=now)
    ThreadMessage.objects.update(next_attempt_at=now, sent_at=None)
    builders.build_subscription(builders.build_digest(campaign, "month"), "late@example.net", at=now)

    for step in STEPS:
        step(at=now)
    for send in Send.objects.all():
        fanout.fan_out(send, at=now)
        worker.work(send.pk, clock=lambda: now)

    wrong, subjects = in_the_head(smtp_sink)
    assert wrong == []
    assert [line for line in caplog.messages if "not sent" in line or "went wrong" in line] == []
    assert sum(subjects.values()) > 15 and len(subjects) > 8, subjects


@pytest.mark.slow
def test_a_name_with_a_line_end_is_refused_at_the_public_doors_and_no_mail_leaves(campaign, roles, client, smtp_sink):
    from tests.influencers.onboarding.joining_scene import build_door, filled

    build_door(campaign)
    builders.build_digest(campaign)
    wrong = []
    doors = {
        "/en/join/": ("email", "name"),
        "/en/subscribe/": ("email", "language", "cadence"),
        "/en/account/login/code/": ("email",),
    }
    for path, fields in doors.items():
        for field in fields:
            for payload in payloads.HEADERS:
                if field != "name" and "\x00" not in payload and "%0" not in payload:
                    payload = payload.replace("Hello", "elli@example.org")
                form = filled(campaign) | {"cadence": "digest-week", "consent": "on"} | {field: payload}
                answer = client.post(path, form)
                plain = re.sub(r"(%0[aAdD]|=0[AD]|\\[rn]|=\?.*|嘊嘍)", "", payload) != payload
                if answer.status_code < 400 and not (field == "name" and plain) and not is_refused(answer):
                    wrong.append(f"{path} {field} {payload!r}: {answer.status_code}")
    assert wrong == []
    assert not [one for one in smtp_sink.caught if "evil" in one.recipient]
    assert not Recipient.objects.filter(email__contains="evil").exists()
    assert not Influencer.objects.exists()


def is_refused(answer: Any) -> bool:
    """Return whether a form came back with a fault."""
    return answer.status_code == 200 and b"errorlist" in answer.content or b"aria-invalid" in answer.content


def test_no_name_or_subject_is_taken_for_a_head_by_whoever_writes_or_reads_a_single_mail(campaign):
    wrong = []
    for payload in payloads.HEADERS + payloads.MARKDOWN:
        CampaignLanguage.objects.filter(campaign=campaign).update(sender_name=payload.replace("\x00", "")[:120])
        head = from_campaign(campaign, "en")
        letter = mail.EmailMessage(clean_subject(payload), "Words", "a@example.org", ["b@example.org"], headers=head)
        raw = letter.message().as_bytes().partition(b"\n\n")[0].decode()
        names = [line.partition(":")[0].lower() for line in raw.split("\n") if not line.startswith((" ", "\t"))]
        read = message_from_string(f"{raw}\n\n", policy=policy.default)
        if set(names) - KNOWN or len(names) != len(set(names)):
            wrong.append(f"{payload!r}: {names}")
        for name in ("Subject", "From"):
            if BREAKS.search(str(read[name])):
                wrong.append(f"{payload!r}: {name} reads {str(read[name])!r}")
        if [one.addr_spec for one in read["From"].addresses] != ["bulletins@example.org"]:
            wrong.append(f"{payload!r}: from {read['From']}")
    assert wrong == []


# --- Answers ---------------------------------------------------------------------------------------


def test_no_file_name_writes_into_the_head_of_an_answer():
    from bulletins.intake import input_attachments

    class Row:
        name = content_type = ""
        file: Any = None

    wrong = []
    for payload in [
        *payloads.HEADERS,
        '";x="',
        "../../etc/passwd",
        "a\\b/c.pdf",
        "пакет\u202egpj.pdf",
        "CON",
        ".",
        "a" * 5_000,
    ]:
        name = input_attachments.clean_name(f"{payload}.pdf")
        if re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e/\\\"]", name) or len(name) > 130 or not name.strip("."):
            wrong.append(f"{payload!r} became {name!r}")
    assert wrong == []


def redirects(client: Client) -> list[tuple[str, str, dict[str, str]]]:
    """Return (method, path, form) of everything that leads somewhere else afterwards, to be filled with an address."""
    return [
        ("get", "/en/account/login/?next={}", {}),
        ("post", "/en/account/login/?next={}", {"login": "alma@example.org", "password": "wrong"}),
        ("post", "/en/account/login/", {"login": "alma@example.org", "password": "a right password", "next": "{}"}),
        ("get", "/en/account/login/code/?next={}", {}),
        ("post", "/en/account/login/code/?next={}", {"email": "alma@example.org", "next": "{}"}),
        ("post", "/en/account/logout/?next={}", {"next": "{}"}),
        ("post", "/i18n/setlang/", {"language": "fi", "next": "{}"}),
        ("get", "/i18n/setlang/?next={}", {}),
        ("get", "/desk/login/?next={}", {}),
        ("post", "/desk/logout/?next={}", {"next": "{}"}),
        ("get", "/en/account/reauthenticate/?next={}", {}),
        ("get", "/en/facts/reported/?see={}", {}),
        ("get", "/?next={}", {}),
        ("get", "/oembed?url={}", {}),
        ("get", "/{}", {}),
        ("get", "/en/{}", {}),
        ("get", "//{}", {}),
    ]


@pytest.mark.slow
def test_no_address_of_ours_leads_to_another_site(campaign, alma, signed_in):
    alma.set_password("a right password")
    alma.save()
    wrong = []
    for who in (None, alma):
        for target in payloads.ELSEWHERE:
            client = signed_in(who) if who else Client()
            for method, path, form in redirects(client):
                filled = {name: value.replace("{}", target) for name, value in form.items()}
                headers = {"Referer": target} if "\n" not in target and "\r" not in target else {}
                try:
                    answer = getattr(client, method)(
                        path.replace("{}", quote(target, safe="/:")), filled, headers=headers
                    )
                except ValueError as fault:
                    if "Invalid IPv6 URL" not in str(fault):  # the test client's own reading of a broken address
                        raise
                    continue
                there = answer.get("Location", "")
                if leads_away(there) or "evil" in answer.get("Link", ""):
                    wrong.append(f"{method} {path} with {target!r}: {there!r}")
                if answer.status_code >= 500:
                    wrong.append(f"{method} {path} with {target!r}: {answer.status_code}")
    assert wrong == []


def leads_away(address: str) -> bool:
    """
    Return whether a browser would leave our site for an address: it reads a backslash as a slash and skips blanks.
    """
    read = re.sub(r"[\t\r\n]", "", address).lstrip("\x00 \x01").replace("\\", "/")
    parts = urlsplit(read)
    return bool(read) and (parts.netloc not in {"", "testserver"} or parts.scheme not in {"", "http", "https"})


def test_a_forged_host_is_in_no_link(campaign, settings, client):
    settings.ALLOWED_HOSTS = ["testserver"]
    for headers in (
        {"Host": "evil.example"},
        {"Host": "testserver:80@evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-URL": "//evil.example/"},
        {"X-Rewrite-URL": "//evil.example/"},
    ):
        answer = client.get("/en/", headers=headers)
        assert answer.status_code in {200, 400}, headers
        assert b"evil.example" not in answer.content, headers


@pytest.mark.parametrize(
    "language", ["fi\r\nSet-Cookie: a=b", "../../etc", "xx" * 500, "\x00", "fi,en;q=" + "9" * 5_000, "日本"]
)
def test_a_language_that_is_none_changes_nothing(client, campaign, language):
    answer = client.post("/i18n/setlang/", {"language": language, "next": "/en/"})
    assert answer.status_code in {302, 400, 422} and "a" not in answer.cookies
    if "\r" not in language and language.isascii():
        assert client.get("/", headers={"Accept-Language": language}).status_code in {302, 400}
