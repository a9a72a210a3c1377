"""Lists over tables without end: pages by keys, nothing counted, filters and searches that stay cheap."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget
from django.db import connection
from django.forms import ModelChoiceField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.audit import trail
from accounts.desk_base import long_lists
from accounts.desk_base.long_lists import LongList
from accounts.models import AuditEntry
from delivery.models import Consent, Delivery, Membership, ProviderEvent, Recipient, Send, Subscription
from tests.support import builders

LEDGER = "admin:delivery_delivery_changelist"
AUDIT = "admin:accounts_auditentry_changelist"
# Conditions that few rows can meet, whatever there is: complaints to decide about, entries not sealed yet.
FEW = ('"processed_at" IS NULL', "accounts_auditseal")
LONG = [model for model, page in admin.site._registry.items() if isinstance(page, LongList)]


@pytest.fixture
def desk(boss: Any, signed_in: Any) -> Any:
    """A client of someone who sees everything."""
    return signed_in(boss)


@pytest.fixture
def pages_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists have pages of ten rows."""
    monkeypatch.setattr(LongList, "list_per_page", 10)
    for model in LONG:
        monkeypatch.setattr(admin.site._registry[model], "list_per_page", 10)


@pytest.fixture
def ledger(campaign: Any) -> list[int]:
    """The keys of a send's 25 rows, the newest first."""
    builders.build_fanned_out_send(builders.build_audience(campaign, size=25))
    return list(Delivery.objects.order_by("-pk").values_list("pk", flat=True))


def shown(answer: Any) -> list[int]:
    """Return the keys of the rows on a page."""
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_pages_follow_each_other_by_their_keys_in_both_directions(
    ledger: list[int], pages_of_ten: None, desk: Any
) -> None:
    lists = reverse(LEDGER)
    first = desk.get(lists)
    second = desk.get(lists + first.context["cl"].older())
    third = desk.get(lists + second.context["cl"].older())

    assert [shown(page) for page in (first, second, third)] == [ledger[:10], ledger[10:20], ledger[20:]]
    assert (first.context["cl"].newer(), third.context["cl"].older()) == ("", "")
    back = desk.get(lists + third.context["cl"].newer())
    assert shown(back) == ledger[10:20]
    assert shown(desk.get(lists + back.context["cl"].newer())) == ledger[:10]
    assert "Older" in first.content.decode() and "Newer" in third.content.decode()


def test_no_long_list_counts_or_reads_without_an_end(full_desk: Any, desk: Any) -> None:
    assert {"delivery.Delivery", "delivery.ProviderEvent", "delivery.Consent", "accounts.AuditEntry"} <= {
        model._meta.label for model in LONG
    }
    for model in LONG:
        table = model._meta.db_table
        with CaptureQueriesContext(connection) as captured:
            desk.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        of_table = [one["sql"] for one in captured if f'FROM "{table}"' in one["sql"]]
        assert of_table
        for sql in of_table:
            if any(waiting in sql for waiting in FEW):
                continue
            assert "COUNT(" not in sql, sql
            assert "LIMIT" in sql or "BETWEEN" in sql or ("MIN(" in sql and "MAX(" in sql), sql


def test_what_is_rare_is_looked_for_a_window_at_a_time_and_the_page_says_how_far(
    ledger: list[int], pages_of_ten: None, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Delivery.objects.filter(pk=ledger[-1]).update(state=Delivery.State.UNKNOWN)
    monkeypatch.setattr(long_lists, "WINDOW", 5)
    monkeypatch.setattr(long_lists, "SECONDS", 0)
    lists = f"{reverse(LEDGER)}?state__exact=unknown"

    looked = [desk.get(lists)]
    while further := looked[-1].context["cl"].older():
        looked.append(desk.get(reverse(LEDGER) + further))

    assert [shown(page) for page in looked] == [[], [], [], [], [ledger[-1]]]
    assert f"far back as row {ledger[5]}." in " ".join(looked[0].content.decode().split())
    monkeypatch.setattr(long_lists, "SECONDS", 60)
    assert shown(desk.get(lists)) == [ledger[-1]]


def test_rows_of_one_send_are_looked_for_among_its_keys(campaign: Any, ledger: list[int], desk: Any) -> None:
    other = builders.build_fanned_out_send(
        builders.build_audience(campaign, "others", size=3), mailing=builders.build_mailing(campaign, "another")
    )
    first = Send.objects.exclude(pk=other.pk).get()

    assert shown(desk.get(f"{reverse(LEDGER)}?send__id__exact={first.pk}")) == ledger
    assert len(shown(desk.get(f"{reverse(LEDGER)}?send__id__exact={other.pk}"))) == 3


def test_a_whole_address_finds_its_rows_and_a_part_of_one_none(ledger: list[int], desk: Any) -> None:
    row = Delivery.objects.select_related("recipient").get(pk=ledger[3])

    assert shown(desk.get(reverse(LEDGER), {"q": row.recipient.email.upper()})) == [row.pk]
    assert shown(desk.get(reverse(LEDGER), {"q": str(row.pk)})) == [row.pk]
    assert shown(desk.get(reverse(LEDGER), {"q": row.recipient.email[:5]})) == []
    assert shown(desk.get(reverse("admin:delivery_recipient_changelist"), {"q": row.recipient.email})) == [
        row.recipient_id
    ]


def test_an_action_takes_what_was_ticked_on_a_page(campaign: Any, desk: Any) -> None:
    ines, oona = (builders.build_influencer(campaign, name, audience=None) for name in ("ines", "oona"))
    builders.agree([ines.recipient, oona.recipient])
    page = reverse("admin:delivery_consent_changelist")

    desk.post(page, {"action": "withdraw", "_selected_action": [ines.recipient.consents.get().pk]})

    assert not ines.recipient.consents.filter(withdrawn_at=None).exists()
    assert oona.recipient.consents.filter(withdrawn_at=None).exists()


def test_the_audit_log_is_narrowed_to_a_month(root: Any, desk: Any, noon: Any) -> None:
    for days in (0, 1, 40):
        trail.note("thing.done", root, by=root, at=noon - timedelta(days=40 - days))
    latest = AuditEntry.objects.get(at=noon)

    page = desk.get(reverse(AUDIT), {"month": f"{noon:%Y-%m}"})

    assert shown(page) == [latest.pk]
    assert "March 2026" in page.content.decode() and "February 2026" in page.content.decode()
    assert shown(desk.get(reverse(AUDIT), {"month": "2019-01"})) == []
    assert len(shown(desk.get(reverse(AUDIT), {"month": "nonsense"}))) >= 3


def test_a_filter_offers_what_the_newest_rows_have_and_what_is_chosen(
    ledger: list[int], desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Delivery.objects.update(language="sv")
    Delivery.objects.filter(pk=ledger[-1]).update(language="fi")
    monkeypatch.setattr(long_lists, "NEWEST", 5)

    def offered(query: str) -> list[str]:
        specs = desk.get(reverse(LEDGER) + query).context["cl"].filter_specs
        return [one for spec in specs if spec.title == "language" for one in spec.lookup_choices]

    assert offered("?language=fi") == ["fi", "sv"]
    assert shown(desk.get(f"{reverse(LEDGER)}?language=fi")) == [ledger[-1]]


@pytest.mark.parametrize("model", LONG, ids=lambda model: model._meta.label)
def test_what_is_searched_as_a_whole_has_an_index(model: Any) -> None:
    page = admin.site._registry[model]
    assert isinstance(page, LongList)
    if page.searched_in_windows:
        return
    for path in page.search_fields:
        field = model._meta.pk
        for name in path.split("__"):
            field = field.related_model._meta.get_field(name) if field.is_relation else named(model, name)
        assert field.unique or path == "event_id", path


def named(model: Any, name: str) -> Any:
    """Return the field of a model, or its key for `pk`."""
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def test_no_page_of_a_long_list_offers_everybody_to_choose_from(campaign: Any, boss: Any, rf: Any) -> None:
    """A list of 200,000 recipients took a page seven seconds."""
    request = rf.get("/")
    request.user, request.campaign = boss, campaign
    growing = {Recipient, Delivery, Subscription, Consent, Membership, ProviderEvent, AuditEntry}
    found, looked_at = [], 0
    for model in LONG:
        pages = admin.site._registry[model]
        forms = [pages.get_form(request, change=True)]
        forms += [one.get_formset(request).form for one in pages.get_inline_instances(request)]
        for name, field in (pair for form in forms for pair in form.base_fields.items()):
            looked_at += 1
            if isinstance(field, ModelChoiceField) and field.queryset.model in growing:
                asks_for_some = isinstance(field.widget.widget, AutocompleteSelect | ForeignKeyRawIdWidget)
                found += [] if asks_for_some else [f"{model.__name__}.{name}"]
    assert looked_at
    assert found == []
