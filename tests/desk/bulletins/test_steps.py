"""What staff do at the desk: every step is one domain call, and a refusal changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import HeldChange, User
from bulletins.approval import eligibility
from bulletins.editing import drafts
from bulletins.models import Bulletin, Edition, EditionRevision, MessageInput, Review, Version
from campaigns import custom_texts
from delivery.models import Send
from factcheck.models import Claim
from factcheck.verdicts import verdict_workflow
from questions import authority_requests
from tests.influencers.portal import questions_scene
from tests.support import builders

State = Bulletin.State


def said(answer: Any) -> str:
    """Return what the desk said."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def step(client: Any, bulletin: Bulletin, verb: str, **data: str) -> Any:
    """Press a button of a bulletin."""
    return client.post(reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, verb]), data)


def form_of(client: Any, url: str) -> dict[str, Any]:
    """Return what a change form would send, unchanged."""
    page = client.get(url)
    form = page.context["adminform"].form
    data: dict[str, Any] = {}
    forms = [form]
    for wrapped in page.context["inline_admin_formsets"]:
        forms += [wrapped.formset.management_form, *wrapped.formset.forms]
    for one in forms:
        for name in one.fields:
            bound = one[name]
            value = bound.value()
            widget = bound.field.widget
            if hasattr(widget, "decompress"):
                parts = widget.decompress(value)
                data |= {f"{bound.html_name}_{n}": "" if part is None else part for n, part in enumerate(parts)}
            elif isinstance(value, dict):
                data |= {f"{bound.html_name}__{code}": text for code, text in value.items()}
            elif isinstance(value, bool):
                data |= {bound.html_name: "on"} if value else {}
            elif value is not None:
                data[bound.html_name] = value
    return data


def write(client: Any, bulletin: Bulletin, language: str, **words: str) -> Any:
    """Save words of an edition as its form on the bulletin's page does without script, read just now."""
    url = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    boxes = client.get(url, {"edit": "1"}).context["language_boxes"]
    box = next(one for one in boxes if one["edition"].language == language)
    data = {field.name: field.value for field in box["fields"]}
    data |= {f"read_{field.name}": field.token for field in box["fields"]}
    words = {name: text.replace("\n", "\r\n") for name, text in (data | words).items()}  # as browsers send them
    return client.post(reverse("admin:bulletins_bulletin_words", args=[bulletin.pk, box["edition"].pk]), words)


# --- Writing ---------------------------------------------------------------------------------------


def test_a_saved_text_is_a_revision_and_its_translations_are_behind(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)

    answer = write(signed_in(alma), bulletin, "fi", body="Uusi teksti.")

    assert answer.status_code == 302
    finnish, swedish = (Edition.objects.get(bulletin=bulletin, language=code) for code in ("fi", "sv"))
    assert finnish.body == "Uusi teksti."
    assert EditionRevision.objects.filter(edition=finnish, edited_by=alma).count() == 2
    assert swedish.behind(finnish) == 1
    assert EditionRevision.objects.filter(edition=swedish).count() == 1


def test_a_changed_original_leaves_its_translations_behind_until_somebody_says_otherwise(
    campaign: Any, alma: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    for edition in bulletin.editions.all():
        edition.body = "One line.\n\nAnother, and a date: 13.4.\n"
        drafts.save_edition(edition, by=alma, at=builders.NOON)
    client = signed_in(alma)
    title = Edition.objects.get(bulletin=bulletin, language="sv").title

    write(client, bulletin, "fi", body="One line.\n\nAnother, and a date: 19.4.\n")
    write(client, bulletin, "sv", title=f"{title}!")  # a small fix, not a translation of the new date

    finnish, swedish, english = (Edition.objects.get(bulletin=bulletin, language=code) for code in ("fi", "sv", "en"))
    assert "\r" not in finnish.body
    assert swedish.behind(finnish) == english.behind(finnish) == 1
    assert english.revision == EditionRevision.objects.filter(edition=english).count() == 2  # nobody touched it

    write(client, bulletin, "sv", body="One line.\n\nAnother, and a date: 19.4.\n", is_current="on")

    swedish.refresh_from_db()
    english.refresh_from_db()
    assert swedish.behind(finnish) == 0 and english.behind(finnish) == 1


def test_saving_without_a_change_changes_nothing(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    before = (EditionRevision.objects.count(), Review.objects.count())

    assert write(signed_in(alma), bulletin, "fi").status_code == 302

    bulletin.refresh_from_db()
    assert bulletin.state == State.IN_REVIEW
    assert (EditionRevision.objects.count(), Review.objects.count()) == before


def test_an_edit_voids_the_approval_and_says_so(campaign: Any, veikko: User, signed_in: Any) -> None:
    bulletin = builders.build_approved_bulletin(campaign)

    answer = write(signed_in(veikko), bulletin, "fi", title="Kirjastot avataan tiistaina")

    bulletin.refresh_from_db()
    assert bulletin.state == State.DRAFT and not bulletin.digest
    assert veikko.pk in eligibility.of_one(bulletin).editor_ids
    assert "cancelled" in said(answer)


def test_a_published_bulletin_cannot_be_edited(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_published_version(campaign, by=alma).bulletin
    client = signed_in(alma)
    edition = bulletin.editions.get(language="fi")

    page = client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]), {"edit": "1"})
    assert page.context["writes"] is False and "Start a correction" in page.content.decode()
    answer = client.post(
        reverse("admin:bulletins_bulletin_words", args=[bulletin.pk, edition.pk]),
        {"body": "Words typed while it was being published."},
    )

    assert answer.status_code == 409
    assert "Words typed while it was being published." in answer.content.decode()
    assert "Start a correction" in answer.content.decode()
    body = edition.body
    edition.refresh_from_db()
    assert edition.body == body


def test_a_bulletin_starts_from_a_message_input(campaign: Any, alma: User, signed_in: Any) -> None:
    row = builders.build_input(campaign)

    answer = signed_in(alma).post(reverse("admin:bulletins_messageinput_step", args=[row.pk, "start"]))

    bulletin = Bulletin.objects.get()
    assert answer.url == reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    assert list(bulletin.inputs.all()) == [row]
    assert set(bulletin.editions.values_list("language", flat=True)) == {"fi", "sv", "en"}


@pytest.mark.parametrize(
    ("verb", "data", "state"),
    [("accept", {}, "accepted"), ("decline", {}, "declined"), ("return", {"question": "Since when?"}, "returned")],
)
def test_an_input_is_accepted_declined_or_returned(
    verb: str, data: dict[str, str], state: str, campaign: Any, alma: User, signed_in: Any
) -> None:
    row = builders.build_input(campaign)

    signed_in(alma).post(reverse("admin:bulletins_messageinput_step", args=[row.pk, verb]), data)

    row.refresh_from_db()
    assert row.state == state and row.taken_by == alma


def test_an_approver_handles_no_inputs(campaign: Any, oskar: User, signed_in: Any) -> None:
    row = builders.build_input(campaign)

    answer = signed_in(oskar).post(reverse("admin:bulletins_messageinput_step", args=[row.pk, "accept"]))

    assert answer.status_code == 403
    assert MessageInput.objects.get().state == "new"


# --- Approving -------------------------------------------------------------------------------------


def test_a_second_person_reads_and_approves_this_exact_content(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, variants=True)
    client = signed_in(oskar)
    page = client.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    assert f'name="digest" value="{bulletin.digest}"' in page
    for words in ("Kirjastot avataan <strong>maanantaina</strong>", "Biblioteken öppnar", "Libraries open"):
        assert words in page

    step(client, bulletin, "approve", digest=bulletin.digest)

    bulletin.refresh_from_db()
    assert bulletin.state == State.APPROVED and bulletin.approved_by == oskar


def test_another_digest_approves_nothing(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    for digest in ("", "0" * 64):
        answer = step(signed_in(oskar), bulletin, "approve", digest=digest)
        assert "Not approved" in said(answer)

    bulletin.refresh_from_db()
    assert bulletin.state == State.IN_REVIEW


def test_whoever_may_do_everything_cannot_approve_their_own_words(campaign: Any, boss: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=boss)
    client = signed_in(boss)

    assert "Approve…" not in client.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    answer = step(client, bulletin, "approve", digest=bulletin.digest)

    bulletin.refresh_from_db()
    assert "You edited or submitted this version" in said(answer)
    assert bulletin.state == State.IN_REVIEW


def test_an_editor_has_no_right_to_approve(campaign: Any, alma: User, veikko: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    assert step(signed_in(veikko), bulletin, "approve", digest=bulletin.digest).status_code == 403

    bulletin.refresh_from_db()
    assert bulletin.state == State.IN_REVIEW


def test_sending_back_wants_a_reason(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    client = signed_in(oskar)

    assert "say what has to change" in said(step(client, bulletin, "send_back", reason=" "))
    bulletin.refresh_from_db()
    assert bulletin.state == State.IN_REVIEW

    step(client, bulletin, "send_back", reason="The date is wrong.")
    bulletin.refresh_from_db()
    assert bulletin.state == State.DRAFT
    assert (
        "The date is wrong."
        in signed_in(alma).get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])).content.decode()
    )


def test_the_steps_want_a_post(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)

    assert (
        signed_in(alma).get(reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, "submit"])).status_code == 405
    )


def test_a_draft_with_holes_is_not_submitted(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, languages=["fi"])

    answer = step(signed_in(alma), bulletin, "submit")

    bulletin.refresh_from_db()
    assert "Not submitted" in said(answer)
    assert bulletin.state == State.DRAFT


# --- After publishing --------------------------------------------------------------------------------


def test_publish_now_freezes_a_version(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_approved_bulletin(campaign, by=alma)

    step(signed_in(alma), bulletin, "publish")

    bulletin.refresh_from_db()
    assert bulletin.state == State.PUBLISHED
    assert Version.objects.filter(bulletin=bulletin).count() == 1


@pytest.mark.parametrize(("page", "kind"), [("correct", "correction"), ("withdraw", "retraction")])
def test_a_correction_says_what_changed_in_every_language(
    page: str, kind: str, campaign: Any, alma: User, signed_in: Any
) -> None:
    bulletin = builders.build_published_version(campaign, by=alma).bulletin
    client = signed_in(alma)
    url = reverse(f"admin:bulletins_bulletin_{page}", args=[bulletin.pk])

    answer = client.post(url, {"what_changed__fi": "Väärä päivä."})
    assert answer.status_code == 422 and "sv, en" in answer.content.decode()
    bulletin.refresh_from_db()
    assert bulletin.version == 1

    client.post(
        url, {"what_changed__fi": "Väärä päivä.", "what_changed__sv": "Fel dag.", "what_changed__en": "Wrong day."}
    )
    bulletin.refresh_from_db()
    assert (bulletin.version, bulletin.kind, bulletin.state) == (2, kind, State.DRAFT)
    assert bulletin.what_changed["sv"] == "Fel dag."


# --- Sends -------------------------------------------------------------------------------------------


def test_a_send_is_paused_and_resumed(campaign: Any, oskar: User, signed_in: Any) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=3))
    client = signed_in(oskar)

    for verb, state in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
        client.post(reverse("admin:delivery_send_step", args=[send.pk, verb]))
        assert Send.objects.get().state == state

    assert "Not resumed" in said(client.post(reverse("admin:delivery_send_step", args=[send.pk, "resume"])))
    assert Send.objects.get().state == "cancelled"


def test_a_fact_checker_stops_no_send(campaign: Any, fiona: User, signed_in: Any) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=3))

    assert signed_in(fiona).post(reverse("admin:delivery_send_step", args=[send.pk, "pause"])).status_code == 403
    assert Send.objects.get().state == "sending"


def test_the_ledger_of_a_send_is_shown_by_language(campaign: Any, oskar: User, signed_in: Any) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=4))

    answer = signed_in(oskar).get(reverse("admin:delivery_send_ledger", args=[send.pk]))

    assert answer.context["ledger"].total.candidates == 4
    assert {row.language for row in answer.context["ledger"].rows} == {"fi", "sv", "en"}


# --- Claims ------------------------------------------------------------------------------------------


def test_a_verdict_takes_two_people(campaign: Any, fiona: User, boss: User, signed_in: Any) -> None:
    claim = builders.build_claim(campaign, published=False)

    def press(who: User, verb: str, **data: str) -> Any:
        return signed_in(who).post(reverse("admin:factcheck_claim_step", args=[claim.pk, verb]), data)

    assert "choose a verdict" in said(press(fiona, "propose"))
    press(fiona, "propose", verdict="false")
    assert "someone else must approve it" in said(press(fiona, "confirm"))
    assert Claim.objects.get().status == "proposed"
    press(boss, "confirm", digest=Claim.objects.get().digest)
    press(fiona, "publish")
    assert Claim.objects.get().status == "published"
    page = signed_in(fiona).get(reverse("admin:factcheck_claim_change", args=[claim.pk]))
    assert page.context["has_change_permission"] is False


# --- People -------------------------------------------------------------------------------------------


def test_an_administrator_cannot_become_almighty(root: User, boss: User, signed_in: Any) -> None:
    client = signed_in(root)
    url = reverse("admin:accounts_user_change", args=[root.pk])
    data = form_of(client, url)
    assert "is_superuser" not in data

    client.post(url, {**data, "is_superuser": "on", "groups": []})

    root.refresh_from_db()
    assert not root.is_superuser
    client = signed_in(root)  # other roles end a session
    assert (
        client.post(reverse("admin:accounts_user_change", args=[boss.pk]), {"email": "x@example.org"}).status_code
        == 403
    )
    assert client.post(reverse("admin:auth_user_password_change", args=[boss.pk]), {}).status_code == 403


def test_the_desk_is_for_staff(ines: User, minna: User, signed_in: Any, client: Any) -> None:
    for one in (client, signed_in(ines), signed_in(minna)):
        for name in ("admin:index", "admin:today", "admin:bulletins_bulletin_changelist"):
            answer = one.get(reverse(name))
            assert answer.status_code == 302 and answer.url.startswith(reverse("admin:login"))


# --- The frame ----------------------------------------------------------------------------------------


def test_only_the_desk_has_the_looser_policy(campaign: Any, alma: User, signed_in: Any, client: Any) -> None:
    desk = signed_in(alma).get(reverse("admin:index")).headers["Content-Security-Policy"]
    site = client.get(reverse("home")).headers["Content-Security-Policy"]

    assert "default-src 'none'" in desk and "frame-ancestors 'none'" in desk and "'unsafe-eval'" in desk
    assert "unsafe" not in site


@pytest.mark.parametrize("name", ["admin:index", "admin:bulletins_bulletin_changelist"])
def test_an_exercise_is_marked_on_every_page(name: str, campaign: Any, alma: User, signed_in: Any) -> None:
    assert 'class="exercise"' in signed_in(alma).get(reverse(name)).content.decode()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_desk_speaks_the_language_that_was_chosen(language: str, campaign: Any, alma: User, signed_in: Any) -> None:
    client = signed_in(alma)

    client.post(reverse("set_language"), {"language": language, "next": reverse("admin:index")})

    assert f'<html lang="{language}"' in client.get(reverse("admin:index")).content.decode()


def test_today_shows_an_approver_what_waits_for_them(
    campaign: Any, noon: datetime, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, at=noon)

    theirs = signed_in(oskar).get(reverse("admin:today")).context
    hers = signed_in(alma).get(reverse("admin:today")).context

    assert [ticket.bulletin for ticket in theirs["mine"]] == [bulletin]
    assert hers["mine"] == [] and [ticket.bulletin for ticket in hers["others"]] == [bulletin]
    assert oskar in hers["others"][0].approvers


def test_today_shows_what_waits_for_a_second_person_to_whoever_may_agree_and_to_nobody_else(
    campaign: Any, authority: Any, noon: datetime, alma: User, oskar: User, fiona: User, root: User, signed_in: Any
) -> None:
    claim = builders.build_claim(campaign)
    verdict_workflow.pause(claim, by=fiona, at=noon)
    verdict_workflow.propose_custom_text(claim, builders.in_all(en="New figures."), by=fiona, at=noon)
    group = questions_scene.group(campaign, at=noon, staff=alma)
    authority_requests.decline(group, by=alma, at=noon)
    authority_requests.propose_custom_text(group, builders.in_all(en="Nobody knows."), by=alma, at=noon)
    custom_texts.propose(campaign, "invitation", None, {"fi": "Hei"}, reach=1, by=alma, at=noon)
    HeldChange.objects.create(
        kind="rights", user=alma, asked_by=root, asked_at=noon, due_at=noon + timedelta(days=1), rights={}
    )
    other = builders.build_user("other", "admin", is_superuser=True)
    page = signed_in(other).get(reverse("admin:today"))

    text = page.content.decode()
    assert [one.words for one in page.context["yeses"]] == [
        "Custom text about 1 fact-check needs approval.",
        "1 batch of invitations needs approval.",
        "Custom text about 1 declined question needs approval.",
        "1 account change needs approval.",
    ]
    for name, arguments in (
        ("factcheck_claim_change", [claim.pk]),
        ("questions_questiongroup_change", [group.pk]),
        ("influencers_invitation_waiting", []),
        ("accounts_heldchange_changelist", []),
    ):
        assert f'href="{reverse(f"admin:{name}", args=arguments)}"' in text
    assert "Nothing to approve" not in text

    for user, own in ((alma, ("question", "invitations")), (fiona, ("fact-check",)), (root, ("account",))):
        mine = " ".join(one.words for one in signed_in(user).get(reverse("admin:today")).context["yeses"])
        assert not [word for word in own if word in mine]


def test_logging_in_leads_to_today(campaign: Any, alma: User, client: Any) -> None:
    alma.set_password("a long enough pass phrase")
    alma.save()

    answer = client.post(reverse("account_login"), {"login": alma.email, "password": "a long enough pass phrase"})

    assert answer.status_code == 302 and answer.url == reverse("admin:index")
