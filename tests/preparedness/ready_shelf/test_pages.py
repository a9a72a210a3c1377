"""The shelf at the desk: overdue first, two presses to a draft, and what is to be known said before the last one."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bulletins.models import Bulletin, KeyMessage
from campaigns.models import Campaign
from preparedness.crisis_templates import template_files
from preparedness.models import CampaignStart, ReadyBulletin
from preparedness.ready_shelf import blank_fields, shelf
from tests.support import builders

from .test_shelf import written

pytestmark = pytest.mark.django_db

LIST = "admin:preparedness_readybulletin_changelist"
ADD = "admin:preparedness_readybulletin_add"


def page(name: str, ready: ReadyBulletin) -> str:
    return reverse(f"admin:preparedness_readybulletin_{name}", args=[ready.pk])


def test_two_presses_make_a_draft_and_say_before_the_last_one_what_is_to_be_known(
    campaign: Campaign, alma: User, oskar: User, liisa: User, signed_in: Any
) -> None:
    client = signed_in(alma)
    offered = client.get(reverse(ADD)).content.decode()
    assert "water:boil-water" in offered or "water:" in offered
    keys = [f"water:{one.key}" for one in template_files.read("water").holding_statements]
    assert client.post(reverse(ADD), {"statements": [*keys, "water:none", "none:none"]}).status_code == 302
    rows = list(ReadyBulletin.objects.order_by("pk"))
    assert len(rows) == len(keys) and rows[0].owner == alma
    ReadyBulletin.objects.filter(pk=rows[1].pk).update(review_on=timezone.localdate() - timedelta(1))

    shown = client.get(reverse(LIST))
    assert shown.context["cl"].result_list[0].pk == rows[1].pk
    html = shown.content.decode()
    assert "look at it again" in html and page("use", rows[0]) in html and "not approved yet" in html
    assert page("use", rows[0]) not in signed_in(oskar).get(reverse(LIST)).content.decode()
    assert signed_in(oskar).get(page("use", rows[0])).status_code == 403
    assert signed_in(oskar).post(page("change", rows[0]), {"step": "approve", "seen": 1}).status_code == 302

    client = signed_in(alma)
    form = client.get(page("use", rows[1]))
    html = form.content.decode()
    assert "It was to be looked at again by" in html and "Nobody here has approved these words yet." in html
    assert html.index("It was to be looked at again") < html.index("Make the draft")
    blanks = {
        field.name: {"date": "2099-11-24", "time": "18:00"}.get(kind, "Kuusivaara") for field, kind in fields(form)
    }
    too_long = blanks | {name: "x" * 200 for name, value in blanks.items() if value == "Kuusivaara"}
    refused = client.post(page("use", rows[1]), too_long | {"seen": 1})
    assert refused.status_code == 422 and "Say it shorter." in refused.content.decode()
    assert client.post(page("use", rows[1]), blanks | {"seen": 7}).status_code == 409
    assert not Bulletin.objects.exists()
    made = client.post(page("use", rows[1]), blanks | {"seen": 1})
    bulletin = Bulletin.objects.get()
    assert made.url == reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    bodies = list(bulletin.editions.values_list("body", flat=True))
    assert all("Kuusivaara" in body and "{" not in body for body in bodies)
    assert all("{" not in text for one in KeyMessage.objects.all() for text in one.text.values())


def fields(response: Any) -> list[tuple[Any, str]]:
    form = response.context["form"]
    return [(row["field"], blank.kind) for row, blank in zip(form.rows, form.blanks, strict=True)]


def test_a_bulletin_is_put_on_the_shelf_rewritten_there_and_another_campaign_has_none_of_it(
    campaign: Campaign, alma: User, veikko: User, oskar: User, signed_in: Any
) -> None:
    bulletin = written(campaign, veikko)
    client = signed_in(alma)
    at = reverse("admin:preparedness_readybulletin_put", args=[bulletin.pk])
    assert at in client.get(reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])).content.decode()
    found = [value for value, _name in client.get(at).context["form"]["blanks"].field.choices]
    about = {"crisis": "water", "owner": veikko.pk, "review_on": timezone.localdate() + timedelta(30)}
    assert client.post(at, about | {"review_on": "2020-01-01", "blanks": found}).status_code == 422
    assert client.post(at, about | {"blanks": found}).status_code == 302
    ready = ReadyBulletin.objects.get()
    assert ready.owner == veikko and {one["kind"] for one in ready.content["blanks"]} == {"date", "time", "contact"}

    form = client.get(page("write", ready)).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"seen": 1, "kind-time": "text"}
    assert client.post(page("write", ready), sent | {"text-title-en": ""}).status_code == 422
    assert client.post(page("write", ready), sent | {"text-title-en": "Boil water in {place}"}).status_code == 302
    ready.refresh_from_db()
    assert str(ready) == "Boil water in …" and ready.revision == 2
    assert {one["key"]: one["kind"] for one in ready.content["blanks"]}["time"] == "text"
    stale = client.post(page("write", ready), sent | {"text-title-en": "Mine"})
    assert stale.status_code == 409 and "Mine" in stale.content.decode()

    client = signed_in(oskar)
    assert client.post(page("change", ready), {"step": "take_off", "seen": 2}).status_code == 403
    assert client.post(page("change", ready), {"step": "approve", "seen": 1}).status_code == 409
    assert client.post(page("change", ready), {"step": "approve", "seen": 2}).status_code == 302
    assert client.post(page("change", ready), {"step": "elsewhere"}).status_code == 404
    client = signed_in(alma)
    again = {"step": "look_again", "seen": 2, "review_on": "tomorrow"}
    assert client.post(page("change", ready), again).status_code == 422
    ReadyBulletin.objects.update(campaign=builders.build_campaign("other", starts_on="2020-01-01"))
    for name in ("change", "use", "write"):
        assert client.get(page(name, ready)).status_code == 404


def test_the_list_costs_the_same_however_much_is_on_the_shelf(campaign: Campaign, alma: User, signed_in: Any) -> None:
    client, counted = signed_in(alma), []
    for slug in ("water", "flood"):
        shelf.put_prepared(campaign, template_files.read(slug), None, by=alma, at=timezone.now())
        client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(LIST)).status_code == 200
        counted.append(sum(sql["sql"].startswith("SELECT") for sql in queries))
    assert counted[0] == counted[1]


def test_each_blank_says_which_language_it_is_for_and_begins_with_what_is_known(
    campaign: Campaign, authority: Any, alma: User, signed_in: Any
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(authority=authority)
    told = {
        "about": {"place": "Kuusivaara"},
        "first": {"typed": {"contact": {"": "kuusivaara.example"}, "cause": {"": "x"}}},
    }
    CampaignStart.objects.create(
        campaign=campaign, answers=told, begun_by=alma, begun_at=timezone.now(), made_by=alma, made_at=timezone.now()
    )
    (ready, *_others) = shelf.put_prepared(campaign, template_files.read("water"), None, by=alma, at=timezone.now())
    form = signed_in(alma).get(page("use", ready)).context["form"]
    rows = {blank.key: row for row, blank in zip(form.rows, form.blanks, strict=True)}

    main = rows["cause"]["field"]
    assert main.label == "Cause (or: not known yet), in Finnish"
    assert "putkirikko" in main.help_text and "Also used in Swedish and English" in main.help_text
    assert main.field.widget.attrs["lang"] == "fi"
    assert [one.label for one in rows["cause"]["others"]] == [
        "Cause (or: not known yet), in Swedish",
        "Cause (or: not known yet), in English",
    ]
    assert rows["cause"]["is_open"] and not rows["place"]["is_open"]
    assert "in Finnish" not in rows["since"]["field"].label
    assert rows["place"]["field"].value() == "Kuusivaara"
    assert rows["contact"]["field"].value() == "kuusivaara.example"
    assert not rows["cause"]["field"].value() and not rows["since"]["field"].value()
    names = authority.name
    assert rows["authority"]["field"].value() == names["fi"]
    for code, field in zip(("sv", "en"), rows["authority"]["others"], strict=True):
        assert (field.value() or names["fi"]) == names[code]


def test_what_is_filled_in_has_no_sign_of_a_blank() -> None:
    blank = template_files.read("water").holding_statements[0].blanks[0]
    field = blank_fields.field_of(blank, "fi", "", is_main=True)
    assert field.clean("Kuusivaara") == "Kuusivaara"
    for wrong in ("{foo}", "Kuusi}vaara"):
        with pytest.raises(ValidationError, match="still has to be filled in"):
            field.clean(wrong)
