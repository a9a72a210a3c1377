"""What someone has stored is text to the desk: Alpine evaluates no attribute of theirs, and no template runs."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, models, transaction
from django.urls import reverse

from campaigns.translated_fields import TranslatedField
from lib.text import markup

pytestmark = pytest.mark.django_db

MARK = "zqmark"
STORED = f'"><b x-data="{MARK}" x-init="{MARK}" @click="{MARK}" :class="{MARK}" onclick="{MARK}">{MARK}{{{{ 7|add:"41" }}}}{{% debug %}}</b>'
SHORT = f'"><i x-init="{MARK}">'  # where there is little room
EVALUATED = ("x-", "@", ":", "on", "hx-on", "v-")
# What has a meaning to the code, or is made by it: not anyone's words.
NOT_WORDS = set(
    "html digest sha256 password state key code slug language content_type number time_zone session_stamp script".split()
)


class Page(HTMLParser):
    """What a page would evaluate of what was stored, and all names of attributes on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        for name, value in attrs:
            self.attributes.add(name)
            if name.startswith(EVALUATED) and MARK in (value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")


def words_of(model: type[models.Model]) -> Iterator[models.Field]:
    """Give the fields of a model that hold someone's words."""
    for field in model._meta.concrete_fields:
        is_text = type(field) in {models.CharField, models.TextField} or isinstance(field, TranslatedField)
        if is_text and not (field.choices or field.unique or field.primary_key or field.name in NOT_WORDS):
            yield field


def spoil(model: type[models.Model]) -> int:
    """Write what runs elsewhere into every field of words that takes it, and return how many there were."""
    spoilt = 0
    for field in words_of(model):
        text = STORED if field.max_length is None or field.max_length >= len(STORED) else SHORT
        value: Any = dict.fromkeys(("fi", "sv", "en"), text) if isinstance(field, TranslatedField) else text
        if field.max_length is not None and field.max_length < len(text):
            continue
        try:
            with transaction.atomic():
                spoilt += bool(models.QuerySet(model).update(**{field.name: value}))
        except DatabaseError:
            continue  # a rule of the database's own keeps it
    return spoilt


@pytest.mark.slow
@pytest.mark.looks
def test_nothing_stored_is_evaluated_on_any_list_or_form(
    full_desk: Callable[[int], None], boss: Any, signed_in: Any
) -> None:
    """And the page of every row opens, whatever was stored."""
    client = signed_in(boss)
    request = client.get(reverse("admin:index")).wsgi_request
    registered = sorted(admin.site._registry, key=lambda model: model._meta.label)
    assert sum(spoil(model) for model in registered) > 80
    wrong, seen = [], 0
    for model in registered:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses = [reverse(f"{place}_changelist"), f"{reverse(f'{place}_changelist')}?q={MARK}"]
        for number, row in enumerate(admin.site._registry[model].get_queryset(request)[:2]):
            addresses.append(reverse(f"{place}_change", args=[row.pk]))
            addresses += [] if number else [reverse(f"{place}_history", args=[row.pk])]
        for address in addresses:
            answer = client.get(address, follow=True)
            if answer.status_code != 200:
                wrong.append(f"{address} answered {answer.status_code}")
                continue
            page = answer.content.decode()
            seen += MARK in page
            wrong += [f"{address}: {one}" for one in Page(page).wrong]
            if "48</b>" in page or "<b x-data" in page or f'<i x-init="{MARK}' in page:
                wrong.append(f"{address}: an element or a template of what was stored")
    assert wrong == []
    assert seen > 60


def test_no_markup_of_ours_lets_an_attribute_through_that_alpine_or_htmx_reads():
    written = (
        '<p x-data="a" x-init="a" @click="a" :class="a" onclick="a" hx-get="/x" data-x="a" v-if="a">x</p>'
        ' <a href="https://example.org" x-on:click="a" @click.prevent="a" hx-post="/x">y</a>\n\n'
        '[z](https://example.org "a"){: x-init=a @click=a }\n\n# h {: x-data=a }'
    )
    assert Page(markup.to_html(written)).attributes <= {"href", "rel", "title"}
