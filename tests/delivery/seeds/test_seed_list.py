"""The seed list: drafts go to staff, and to who has agreed by a link. Nobody else is mailed more than the question."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import credential_changes
from accounts.login import code_mails
from accounts.models import AuditEntry, User
from bulletins.mail import test_sends
from bulletins.models import Bulletin, NotAllowed
from campaigns.models import Campaign
from delivery.models import SeedAddress, address_hash
from delivery.seeds import seed_list
from tests.support.builders import NOON, build_audience, build_bulletin

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails(settings: Any) -> None:
    settings.MAILERS = {
        name: {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"} for name in ("default", "exercise")
    }


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    return build_bulletin(campaign, audiences=[build_audience(campaign, size=1)])


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages' clock stands at NOON."""
    monkeypatch.setattr("delivery.seeds.views.timezone.now", lambda: NOON)
    return NOON


def seed_of(campaign: Campaign, email: str = "press@example.org", **fields: Any) -> SeedAddress:
    return SeedAddress.objects.create(campaign=campaign, email=email, language="fi", **fields)


def link_in(letter: Any) -> str:
    return next(f"/{line.split('/', 3)[3]}" for line in letter.body.splitlines() if "/mail/seed/" in line)


def test_a_draft_goes_to_no_address_that_has_not_said_yes(
    campaign: Campaign, bulletin: Bulletin, alma: User, smtp_sink: Any
) -> None:
    seed_of(campaign, asked_at=NOON)
    build_gone = User.objects.create_user("gone@example.org", is_staff=True, is_active=False)
    seed_of(campaign, build_gone.email)
    reader = User.objects.create_user("reader@example.org")
    seed_of(campaign, reader.email)
    made = User.objects.create_user("news@paper.example.com", "a password of the maker's", is_staff=True)
    made.last_login = NOON  # by the password that whoever made the account chose
    made.save()
    seed_of(campaign, made.email)

    with pytest.raises(NotAllowed, match="belongs to staff or has agreed"):
        test_sends.to_seeds(bulletin, by=alma, at=NOON)

    assert not smtp_sink.caught and not AuditEntry.objects.filter(verb=test_sends.VERB).exists()


def test_it_goes_to_staff_and_to_who_said_yes_and_the_log_shows_to_whom(
    campaign: Campaign, bulletin: Bulletin, alma: User, oskar: User, smtp_sink: Any
) -> None:
    User.objects.filter(pk=oskar.pk).update(mailbox_proven_at=NOON)
    seed_of(campaign, "Oskar@example.org")
    seed_of(campaign, confirmed_at=NOON)

    assert test_sends.to_seeds(bulletin, by=alma, at=NOON).accepted == 2

    assert {one.lower() for one in smtp_sink.count} == {"oskar@example.org", "press@example.org"}
    told = AuditEntry.objects.get(verb=test_sends.VERB).detail["recipients"]
    assert told == sorted(map(address_hash, ["oskar@example.org", "press@example.org"]))


def test_a_mailbox_is_staffs_once_its_code_has_logged_them_in_and_until_the_address_is_another(
    campaign: Campaign, oskar: User, root: User
) -> None:
    seed_of(campaign, oskar.email)
    oskar.set_password("correct horse battery staple")
    oskar.save()
    by_password = Client()
    by_password.post(reverse("account_login"), {"login": oskar.email, "password": "correct horse battery staple"})
    assert AuditEntry.objects.filter(verb="user.logged_in", actor=oskar).exists()
    assert not SeedAddress.objects.proven().exists()

    by_code = Client()
    by_code.post(reverse("account_request_login_code"), {"email": oskar.email})
    code_mails.send_waiting(at=timezone.now())
    code = re.search(r"^ +([A-Z0-9-]{6,})$", mail.outbox[-1].body, re.MULTILINE)
    assert code
    by_code.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert SeedAddress.objects.proven().exists()

    oskar.refresh_from_db()
    before, oskar.email = oskar.email, "other@example.org"
    oskar.save()
    credential_changes.record_new_address(oskar, before, by=root, at=NOON)
    SeedAddress.objects.update(email=oskar.email)
    assert not SeedAddress.objects.proven().exists()


def test_one_mail_in_fixed_words_asks_and_a_press_says_yes(
    campaign: Campaign, oskar: User, client: Client, mails: None, now: datetime
) -> None:
    User.objects.filter(pk=oskar.pk).update(mailbox_proven_at=NOON)
    seed = seed_of(campaign, name="Click https://evil.example")
    seed_of(campaign, oskar.email)

    assert seed_list.ask_due(at=NOON) == 1 and seed_list.ask_due(at=NOON) == 0
    (letter,) = mail.outbox
    assert letter.to == ["press@example.org"] and "evil" not in str(letter.message())

    assert client.get(link_in(letter)).status_code == 200
    seed.refresh_from_db()
    assert seed.confirmed_at is None
    assert client.post(link_in(letter)).status_code == 200
    seed.refresh_from_db()
    assert seed.confirmed_at == NOON
    entry = AuditEntry.objects.get(verb="seed.confirmed")
    assert "press" not in entry.subject and "evil" not in entry.subject


@pytest.mark.parametrize("fault", ["cut", "another address", "too old", "gone", "another's"])
def test_a_link_opens_nothing_but_its_own_address_in_its_time(
    campaign: Campaign, client: Client, mails: None, now: datetime, fault: str
) -> None:
    seed = seed_of(campaign)
    seed_list.ask_due(at=NOON)
    link = link_in(mail.outbox[0])
    if fault == "cut":
        link = link[:-3] + "/"
    elif fault == "another address":
        SeedAddress.objects.update(email="other@example.org")
    elif fault == "too old":
        SeedAddress.objects.update(asked_at=NOON - timedelta(days=31))
    elif fault == "gone":
        seed.delete()
    else:
        other = seed_of(campaign, "other@example.org", asked_at=NOON)
        link = link.replace(f"/{seed.pk}.", f"/{other.pk}.")

    assert client.get(link).status_code == client.post(link).status_code == 404
    assert not SeedAddress.objects.filter(confirmed_at__isnull=False).exists()


def test_only_an_administrator_keeps_the_list_and_an_address_on_it_stays(
    campaign: Campaign, alma: User, root: User, signed_in: Any
) -> None:
    values = {"campaign": campaign.pk, "email": "press@example.org", "language": "sv", "name": "Press"}
    add = reverse("admin:delivery_seedaddress_add")
    assert signed_in(alma).get(reverse("admin:delivery_seedaddress_changelist")).status_code == 200
    assert signed_in(alma).post(add, values).status_code == 403 and not SeedAddress.objects.exists()

    assert signed_in(root).post(add, values).status_code == 302
    seed = SeedAddress.objects.get()
    change = reverse("admin:delivery_seedaddress_change", args=[seed.pk])
    signed_in(root).post(change, values | {"email": "other@example.org", "name": "Desk"})
    seed.refresh_from_db()
    assert (seed.email, seed.name, seed.confirmed_at) == ("press@example.org", "Desk", None)
