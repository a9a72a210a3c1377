"""Signing the code of ethics, signing it again when it changes, and taking the signature back."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from delivery.models import Membership
from influencers.code_of_ethics import signatures
from influencers.models import CodeOfEthics, Influencer, Signature
from tests.influencers.onboarding.joining_scene import BODY, at, build_code, build_door
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


@pytest.fixture
def elli(campaign: Campaign, roles: None) -> Influencer:
    doors = build_door(campaign)
    return builders.build_influencer(campaign, "elli", audience=doors["network"])


def ticked(text: CodeOfEthics, *numbers: int) -> dict[str, Any]:
    return {"text": signatures.fingerprint(text)} | {f"point_{number}": "on" for number in numbers}


def english() -> CodeOfEthics:
    return CodeOfEthics.objects.filter(language="en").latest("version")


def test_the_points_are_the_items_of_the_numbered_list():
    body = "1. **One.** First\n   goes on.\n2) Two [link](https://example.org).\n\nNot one:\n\n- 3. no\n10. Ten\n"

    assert signatures.points_of(CodeOfEthics(body=body))[0] == "One. First goes on."
    assert [point[:3] for point in signatures.points_of(CodeOfEthics(body=body))] == ["One", "Two", "Ten"]
    assert signatures.points_of(CodeOfEthics(body="No list.")) == []


def test_signing_keeps_the_words_and_the_fingerprint(campaign, elli, signed_in):
    text = english()
    client = signed_in(elli.user)

    answer = client.post(at("influencers:code_of_ethics_sign"), ticked(text, 1, 2))

    assert answer.status_code == 302
    signature = Signature.objects.get()
    assert (signature.text, signature.points, signature.sha256) == (
        text,
        signatures.points_of(text),
        signatures.fingerprint(text),
    )
    assert "Thank you" in client.get(answer["Location"]).content.decode()
    client.post(at("influencers:code_of_ethics_sign"), ticked(text, 1, 2))
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("numbers", [(), (1,), (2,)])
def test_nothing_is_signed_unless_each_point_is_ticked(campaign, elli, signed_in, numbers):
    answer = signed_in(elli.user).post(at("influencers:code_of_ethics_sign"), ticked(english(), *numbers))

    assert answer.status_code == 422 and b"Tick this point too" in answer.content
    assert not Signature.objects.exists()


def test_nothing_is_signed_that_was_not_read(campaign, elli, signed_in):
    typed = ticked(english(), 1, 2)
    CodeOfEthics.objects.filter(language="en").update(title="Another")

    answer = signed_in(elli.user).post(at("influencers:code_of_ethics_sign"), typed)

    assert answer.status_code == 422 and not Signature.objects.exists()
    with pytest.raises(signatures.NotSigned):
        signatures.sign(elli, english(), ["I tell the truth."], at=NOON)
    other = build_code(builders.build_campaign("another"))["en"]
    with pytest.raises(signatures.NotSigned):
        signatures.sign(elli, other, signatures.points_of(other), at=NOON)


def test_a_new_version_shows_what_changed_and_asks_again(campaign, elli, signed_in, django_assert_max_num_queries):
    text = english()
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    build_code(
        campaign, version=2, en=BODY["en"].replace("I find the source.", "I find two sources.") + "3. **New.** Yes.\n"
    )
    client = signed_in(elli.user)

    page = client.get(at("influencers:code_of_ethics"))

    shown = page.context["page"]
    assert shown.is_outdated and [change.place for change in shown.changes] == ["Point 2", "Point 3"]
    assert "Sign again" in page.content.decode() and signatures.current_signature(elli).text == text
    client.post(at("influencers:code_of_ethics_sign"), ticked(english(), 1, 2, 3))
    assert signatures.current_signature(elli).text == english()
    assert Signature.objects.filter(withdrawn_at=None).count() == 2
    with django_assert_max_num_queries(3):
        signatures.page(elli, campaign, language="en")


def test_what_changed_is_shown_in_the_readers_language(campaign, elli):
    text = CodeOfEthics.objects.get(language="fi")
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    build_code(campaign, version=2, en=BODY["en"].replace("the source", "two sources"))

    (change,) = signatures.page(elli, campaign, language="en").changes

    assert any("two sources" in words for kind, words in change.parts if kind == "now")
    assert any("the source" in words for kind, words in change.parts if kind == "before")


def test_taking_back_leaves_the_open_network_and_ends_close_contact(campaign, elli, signed_in):
    text = english()
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    partners = campaign.audiences.get(slug="partners")
    builders.join(partners, [elli.recipient])
    client = signed_in(elli.user)

    answer = client.post(at("influencers:code_of_ethics_withdraw"))

    assert "still in the open network" in client.get(answer["Location"]).content.decode()
    assert signatures.current_signature(elli) is None and Signature.objects.get().withdrawn_at
    assert [row.audience.slug for row in Membership.objects.filter(left_at=None)] == ["network"]
    assert client.post(at("influencers:code_of_ethics_withdraw")).status_code == 302
    assert signatures.withdraw(elli, at=NOON + timedelta(days=1)) is False
    client.post(at("influencers:code_of_ethics_sign"), ticked(text, 1, 2))
    assert Signature.objects.count() == 2


def test_taking_back_keeps_the_bulletins_also_when_the_open_network_is_full(campaign, elli, signed_in):
    text = english()
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    elli.recipient.memberships.all().delete()
    campaign.audiences.filter(slug="international").delete()
    campaign.audiences.filter(slug="network").update(max_size=0)
    builders.join(campaign.audiences.get(slug="partners"), [elli.recipient])
    client = signed_in(elli.user)

    answer = client.post(at("influencers:code_of_ethics_withdraw"))

    network = Membership.objects.get(left_at=None)
    assert (network.audience.slug, network.reason) == ("network", "signature withdrawn")
    assert "still in the open network" in client.get(answer["Location"]).content.decode()


def test_who_gets_no_bulletins_after_taking_back_reads_so(campaign, elli, signed_in):
    text = english()
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    elli.recipient.memberships.all().delete()
    campaign.audiences.exclude(slug="partners").delete()
    builders.join(campaign.audiences.get(slug="partners"), [elli.recipient])
    client = signed_in(elli.user)

    answer = client.post(at("influencers:code_of_ethics_withdraw"))

    assert not Membership.objects.filter(left_at=None).exists()
    page = client.get(answer["Location"]).content.decode()
    assert "still in the open network" not in page and "You no longer get bulletins by email" in page


def test_reading_signs_and_withdraws_nothing(campaign, elli, signed_in):
    client = signed_in(elli.user)

    assert client.get(at("influencers:code_of_ethics_sign"), ticked(english(), 1, 2)).status_code == 405
    assert client.get(at("influencers:code_of_ethics_withdraw")).status_code == 405
    assert not Signature.objects.exists()


# --- The desk --------------------------------------------------------------------------------------


def desk_form(text: CodeOfEthics, **fields: Any) -> dict[str, Any]:
    names = ("campaign_id", "language", "version", "title", "signing", "points", "body")
    return {name.removesuffix("_id"): getattr(text, name) for name in names} | fields


def test_a_text_that_was_signed_is_not_changed_on_the_desk(campaign, elli, root, signed_in):
    text = english()
    signatures.sign(elli, text, signatures.points_of(text), at=NOON)
    client = signed_in(root)
    address = f"/desk/influencers/codeofethics/{text.pk}/change/"

    page = client.post(address, desk_form(text, title="Another"))

    assert page.status_code == 200 and b"Make the next version" in page.content and b"version 2" in page.content
    assert english().title == "Code of ethics"
    assert b"Make the next version" in client.get(address).content
    assert client.post(f"/desk/influencers/codeofethics/{text.pk}/delete/", {"post": "yes"}).status_code == 403
    assert CodeOfEthics.objects.filter(pk=text.pk).exists()


def test_a_text_that_nobody_signed_may_be_changed(campaign, elli, root, signed_in):
    text = english()

    answer = signed_in(root).post(f"/desk/influencers/codeofethics/{text.pk}/change/", desk_form(text, title="Another"))

    assert answer.status_code == 302 and english().title == "Another"


def test_the_number_of_points_is_that_of_the_list(campaign, elli, root, signed_in):
    text = english()

    page = signed_in(root).post(f"/desk/influencers/codeofethics/{text.pk}/change/", desk_form(text, points=3))

    assert page.status_code == 200 and b"has 2 points" in page.content and english().points == 2
