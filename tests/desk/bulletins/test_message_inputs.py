"""What the desk does with message inputs: each button is one domain call, and a refusal changes nothing."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.editing import drafts
from bulletins.intake import input_attachments
from bulletins.models import Bulletin, MessageInput
from campaigns import api_tokens
from campaigns.models import AuthorityToken
from tests.support import builders

pytestmark = pytest.mark.django_db
State = MessageInput.State


def step(client: Any, row: MessageInput, verb: str, **data: Any) -> Any:
    """Press a button of an input."""
    return client.post(reverse("admin:bulletins_messageinput_step", args=[row.pk, verb]), data)


def said(answer: Any) -> str:
    """Return what the desk said."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def page_of(row: MessageInput) -> str:
    """Return the address of an input's page."""
    return reverse("admin:bulletins_messageinput_change", args=[row.pk])


def test_the_page_tells_the_way_and_hands_out_files(campaign, alma, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = input_attachments.File("plan.pdf", b"%PDF-1.7", "application/pdf")
    row = builders.build_input(campaign, attachments=[file], facts=[{"text": "Open.", "source": 1}])
    client = signed_in(alma)
    step(client, row, "accept")
    step(client, row, "return", question="Since when?")

    page = client.get(page_of(row)).content.decode()
    assert "Since when?" in page and "plan.pdf" in page and "Open." in page
    row.refresh_from_db()
    assert (row.state, row.taken_by) == (State.RETURNED, alma)


def test_the_page_is_what_was_submitted_and_no_list_of_columns(campaign, alma, signed_in):
    row = builders.build_input(campaign, urgency="urgent", facts=[{"text": "Open <b>now</b>.", "source": 1}])

    page = signed_in(alma).get(page_of(row)).content.decode()

    assert f'<h1 lang="fi">{row.title}</h1>' in page and "the whole country" in page and "suomi" in page
    assert "Open &lt;b&gt;now&lt;/b&gt;." in page and "https://ministry.example.org/decision" in page
    assert "field-shown_body" not in page and "Leave it empty" not in page


def test_a_reason_is_kept_where_the_contributor_sees_it(campaign, alma, signed_in):
    row = builders.build_input(campaign)
    step(signed_in(alma), row, "decline", reason="Said already.")
    row.refresh_from_db()
    assert row.state == State.DECLINED and row.steps.last().text == "Said already."


def test_an_input_is_added_to_the_bulletin_that_is_chosen(campaign, alma, signed_in):
    bulletin = drafts.start(campaign, by=alma, at=builders.NOON)
    row = builders.build_input(campaign)
    client = signed_in(alma)
    assert f'<option value="{bulletin.pk}">' in client.get(page_of(row)).content.decode()

    answer = step(client, row, "add", bulletin=bulletin.pk)

    assert answer["Location"] == reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    row.refresh_from_db()
    assert list(bulletin.inputs.all()) == [row] and row.state == State.USED


@pytest.mark.parametrize("chosen", ["", "x", "999999", "other"])
def test_an_input_is_added_to_nothing_else(campaign, alma, signed_in, chosen):
    row = builders.build_input(campaign)
    other = drafts.start(builders.build_campaign("other"), by=alma, at=builders.NOON)
    answer = step(signed_in(alma), row, "add", bulletin=other.pk if chosen == "other" else chosen)
    row.refresh_from_db()
    assert answer["Location"] == page_of(row) and "Nothing added" in said(answer)
    assert row.state == State.NEW and not other.inputs.exists()


def test_several_make_one_bulletin(campaign, alma, signed_in):
    rows = [builders.build_input(campaign, title=title) for title in ("One", "Two")]
    data = {"action": "start_from_selected", "_selected_action": [row.pk for row in rows]}
    signed_in(alma).post(reverse("admin:bulletins_messageinput_changelist"), data)
    assert set(Bulletin.objects.get().inputs.all()) == set(rows)


@pytest.mark.parametrize("verb", ["accept", "return", "decline", "start", "add"])
def test_who_may_only_read_changes_nothing(campaign, oskar, signed_in, verb):
    row = builders.build_input(campaign)
    assert step(signed_in(oskar), row, verb, question="Why?").status_code == 403
    row.refresh_from_db()
    assert row.state == State.NEW and row.steps.count() == 1 and not Bulletin.objects.exists()


def test_a_page_of_an_input_costs_the_same_however_much_there_is(campaign, alma, signed_in, settings, tmp_path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    settings.MEDIA_ROOT = tmp_path
    client = signed_in(alma)

    def cost(number: int) -> int:
        file = input_attachments.File("a.txt", b"x", "text/plain")
        facts = [{"text": f"Fact {n}", "source": 1} for n in range(number)]
        row = builders.build_input(campaign, facts=facts, attachments=[file] * number, title=f"No {number}")
        drafts.start(campaign, by=alma, at=builders.NOON)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(row)).status_code == 200
        return len(queries)

    cost(1)
    assert cost(2) == cost(6)


def test_a_token_is_shown_once_and_revoked_for_good(root, authority, signed_in):
    client = signed_in(root)
    list_of = reverse("admin:campaigns_authoritytoken_changelist")
    answer = client.post(
        reverse("admin:campaigns_authoritytoken_add"), {"authority": authority.pk, "name": "CMS"}, follow=True
    )
    token = AuthorityToken.objects.get()
    secret = next(word for word in said(answer).replace("<", " ").replace(">", " ").split() if word.startswith("cb_"))
    assert api_tokens.recognise(secret, at=builders.NOON) == token and token.created_by == root
    assert secret not in client.get(list_of).content.decode()
    change = client.get(reverse("admin:campaigns_authoritytoken_change", args=[token.pk])).content.decode()
    assert secret not in change and token.start in change

    client.post(list_of, {"action": "revoke_selected", "_selected_action": [token.pk]})

    assert api_tokens.recognise(secret, at=builders.NOON) is None
    assert {"token.revoked", "token.issued"} <= {entry.verb for entry in AuditEntry.objects.about(token)}


def test_tokens_are_an_administrators_business(alma, authority, root, signed_in):
    token, _secret = api_tokens.issue(authority, name="CMS", by=root, at=builders.NOON)
    client = signed_in(alma)
    list_of = reverse("admin:campaigns_authoritytoken_changelist")
    client.post(list_of, {"action": "revoke_selected", "_selected_action": [token.pk]})
    client.post(reverse("admin:campaigns_authoritytoken_add"), {"authority": authority.pk, "name": "Mine"})
    token.refresh_from_db()
    assert token.revoked_at is None and AuthorityToken.objects.count() == 1
    assert client.get(list_of).status_code == 403
