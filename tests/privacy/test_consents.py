"""The ledger of consents: the very words, for good; found, shown and taken back at the desk."""

import hashlib
import json
from typing import Any

from django.utils import timezone, translation

from accounts.models import AuditEntry
from delivery.links import confirmation_links
from delivery.models import Consent, ConsentText, Membership, Recipient, SignUp, Subscription
from delivery.recipients import consents
from delivery.subscriptions import double_opt_in, signup
from influencers.profiles import form_options, preferences
from tests.support import builders
from website.subscription_pages import options

Purpose = Consent.Purpose

# The SHA-256 of the words of each version. When this fails you have changed what people agree to: give the words a new
# version (CONSENT_TEXT), and write the new sums here. Those of a version that people have seen never change.
WORDS = {
    (Purpose.DIGEST, "2026-12"): "a82f66e54fdf0b2e",
    (Purpose.BULLETINS, "2026-12"): "c86db8082dc6edd5",
    (Purpose.OPEN_TRACKING, "2026-12"): "d73a7482c5af13bd",
    (Purpose.ANOTHER_CRISIS, "2026-12"): "428037b9ac176ea6",
}


def subscribe(digest, email="elli@example.net", *, language="fi", read_in="sv", version=options.CONSENT_TEXT):
    """Subscribe by the form and the mail's link; return the consent."""
    now = timezone.now()
    ask: dict[str, Any] = {
        "audience": digest,
        "topics": [],
        "language": language,
        "text_version": version,
        "source": "form",
        "place": "x",
    }
    signup.request_subscription(digest.campaign, email=email, at=now, read_in=read_in, **ask)
    row = SignUp.objects.get(email=email)
    link = confirmation_links.confirm_url(row, language=language, at=now).rstrip("/").rpartition("/")[2]
    double_opt_in.confirm(link, upto=0, at=now)
    return Consent.objects.get(recipient__email=email, withdrawn_at=None, purpose=Purpose.DIGEST)


def words_of(consent: Consent) -> ConsentText:
    """Return the words that someone agreed to, which must be there."""
    text = consents.text_of(consent)
    assert text is not None
    return text


def test_other_words_have_another_version():
    found = {}
    for purpose, offered in consents._offered.items():
        words = "\n".join(consents.text_in(purpose, language) for language in ("en", "fi", "sv"))
        found[purpose, offered.version] = hashlib.sha256(words.encode()).hexdigest()[:16]
    assert found == WORDS


def test_the_words_that_somebody_read_are_kept_for_good_whatever_pages_say_later(campaign, monkeypatch):
    digest = builders.build_digest(campaign)
    consent = subscribe(digest)
    assert (consent.text_version, consent.language, consent.source) == (options.CONSENT_TEXT, "sv", "form")
    with translation.override("sv"):
        read = str(options.CONSENT)
    text = words_of(consent)
    assert text.words == read and read != str(options.CONSENT)

    # Years later the page says something else, under another version.
    monkeypatch.setitem(consents._offered, Purpose.DIGEST, consents.Offered("2031-01", "Other words."))
    later = subscribe(digest, "olli@example.net", version="2031-01")
    assert words_of(later).words == "Other words." and words_of(consent).words == read
    # The same version in the same language is one row, and nobody can change it.
    subscribe(digest, "ulla@example.net", version="2031-01")
    assert ConsentText.objects.count() == 2
    assert words_of(consent).words == read


def test_each_yes_of_an_influencer_has_its_words_in_the_language_of_the_page(campaign, roles):
    person = builders.build_influencer(campaign, "ines")
    preferences.set_consent(person, Consent.Purpose.OPEN_TRACKING, True, language="fi", at=timezone.now())
    given = Consent.objects.get(purpose=Purpose.OPEN_TRACKING)
    with translation.override("fi"):
        assert words_of(given).words == str(form_options.OPENS_CONSENT)
    preferences.set_consent(person, Consent.Purpose.OPEN_TRACKING, False, language="fi", at=timezone.now())
    preferences.set_consent(person, Consent.Purpose.OPEN_TRACKING, True, language="sv", at=timezone.now())
    assert Consent.objects.filter(purpose=Purpose.OPEN_TRACKING).count() == 2  # the first one stays, withdrawn
    assert Consent.objects.get(purpose=Purpose.OPEN_TRACKING, withdrawn_at=None).language == "sv"


def test_the_desk_lists_consents_gives_proof_and_takes_them_back(campaign, roles, client):
    digest = builders.build_digest(campaign)
    consent = subscribe(digest)
    person = builders.build_influencer(campaign, "ines", audience=builders.build_audience(campaign, "reached"))
    client.force_login(builders.build_user("ada", "admin"))
    listed = client.get("/desk/delivery/consent/").content.decode()
    assert "form" in listed and options.CONSENT_TEXT in listed

    page = client.get(f"/desk/delivery/consent/{consent.pk}/change/").content.decode()
    with translation.override("sv"):
        assert str(options.CONSENT) in page
    proof = client.post(f"/desk/delivery/consent/{consent.pk}/proof/")
    told = json.loads(proof.content)
    assert told["address"] == "elli@example.net" and told["language"] == "sv" and told["confirmed_at"]
    assert told["words_sha256"] == hashlib.sha256(told["words"].encode()).hexdigest()
    assert AuditEntry.objects.get(verb="consent.exported").subject == f"consent {consent.pk}"

    of_bulletins = Consent.objects.get(recipient=person.recipient)
    ticked = {"action": "withdraw", "_selected_action": [consent.pk, of_bulletins.pk]}
    client.post("/desk/delivery/consent/", ticked)
    assert not Consent.objects.filter(withdrawn_at=None).exists()
    assert Subscription.objects.get().left_at and not Membership.objects.filter(left_at=None).exists()
    assert not Recipient.objects.wanting_bulletins().exists()
    assert AuditEntry.objects.filter(verb="consent.withdrawn").count() == 2
    # A second time changes nothing.
    client.post("/desk/delivery/consent/", ticked)
    assert AuditEntry.objects.filter(verb="consent.withdrawn").count() == 2


def test_only_administrators_see_prove_and_take_back_consents(campaign, roles, client):
    consent = subscribe(builders.build_digest(campaign))
    for role in ("editor", "liaison", "approver", "fact-checker"):
        client.force_login(builders.build_user(role, role))
        assert client.get("/desk/delivery/consent/").status_code in {403, 404}, role
        assert client.post(f"/desk/delivery/consent/{consent.pk}/proof/").status_code in {403, 404}, role
        client.post("/desk/delivery/consent/", {"action": "withdraw", "_selected_action": [consent.pk]})
        assert Consent.objects.get(pk=consent.pk).withdrawn_at is None, role
    assert not AuditEntry.objects.filter(verb__startswith="consent.").exists()
