"""
Attacks on the anonymity of surveys, by somebody who has the database, its back-ups and the logs, but not SECRET_KEY: by time, order,
key, physical place, log, back-up, differences of small groups, and a link that is used twice.
"""

import logging
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse

from impact.models import Asked, FreeText, SealedBox, Tally, Ticket
from impact.surveys import answers, portal_card, sealed_boxes, survey_mails, tickets
from operations.logs.formatters import Clean, JsonLines
from tests.support.builders import build_influencer

from . import scene

pytestmark = pytest.mark.django_db
# The times of a survey itself are when a person composed, started or closed it.
TIMELESS = (Asked, Ticket, SealedBox, Tally, FreeText)


def copy_of_database() -> dict[str, dict[Any, tuple[Any, ...]]]:
    """Return all rows of all tables, as a back-up has them: {table: {key: values}}."""
    return {
        model._meta.db_table: {row[0]: row for row in model._base_manager.values_list("pk", *columns(model))}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def columns(model: type[models.Model]) -> list[str]:
    """Return the columns of a table."""
    return [field.attname for field in model._meta.concrete_fields]


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[Any, tuple[Any, Any]]]:
    """Return what two back-ups tell apart: {table: {key: (row before, row after)}}."""
    found = {}
    for table, rows in after.items():
        old = before[table]
        changed = {
            key: (old.get(key), rows.get(key)) for key in old.keys() | rows.keys() if old.get(key) != rows.get(key)
        }
        if changed:
            found[table] = changed
    return found


# --- Time, order, key ---------------------------------------------------------------------------------


def test_no_row_of_an_answer_or_a_ticket_has_a_time():
    for model in TIMELESS:
        kinds = {type(field) for field in model._meta.concrete_fields}
        assert not kinds & {models.DateTimeField, models.TimeField}, model
    # Only that somebody was asked is dated, by the day.
    assert [model for model in TIMELESS if any(type(f) is models.DateField for f in model._meta.concrete_fields)] == [
        Asked
    ]


def test_what_is_kept_of_people_and_what_of_answers_lead_to_each_other_by_no_column(campaign):
    people = {"recipient", "user", "influencer"}
    for model in (Ticket, SealedBox, Tally, FreeText):
        related = {field.name for field in model._meta.concrete_fields if field.is_relation}
        assert related == {"survey"}, model
        assert not people & {field.name for field in model._meta.concrete_fields}
    assert {field.name for field in Asked._meta.concrete_fields if field.is_relation} == {"survey", "recipient"}
    assert not Asked._meta.related_objects


def test_a_seal_says_nothing_of_when_it_was_made(campaign, alma, oskar, noon):
    """Fernet writes the second of each encryption in the clear, in bytes 1 to 8."""
    import base64

    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [_first, (_address, token), *_rest] = scene.mailed_tokens(at=noon)
    scene.answer(survey, token, at=noon)

    for box in SealedBox.objects.all():
        assert base64.urlsafe_b64decode(box.sealed)[1:9] == bytes(8)


def test_keys_and_places_of_tickets_say_nothing_of_who_was_asked_when(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon, people=60)
    tokens = [token for _address, token in scene.mailed_tokens(at=noon)]  # in the order of people

    in_table = list(Ticket.objects.filter(survey=survey).values_list("token_hash", flat=True).order_by("pk"))
    asked = [tickets.hash_of(token) for token in tokens]
    assert sorted(in_table) == sorted(asked)
    assert in_table != asked
    ranks = [in_table.index(each) for each in asked]
    # Rank correlation of chance: of 30, above 0.6 once in 4,000.
    mean = (len(ranks) - 1) / 2
    spread = sum((rank - mean) ** 2 for rank in range(len(ranks)))
    assert abs(sum((i - mean) * (rank - mean) for i, rank in enumerate(ranks)) / spread) < 0.7


def test_no_order_of_texts_is_that_of_the_answers(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    for number, (_address, token) in enumerate(scene.mailed_tokens(at=noon)):
        scene.answer(survey, token, at=noon, text=f"{number:02d}")
    answers.close_due(at=survey.closes_at)

    written = [f"{number:02d}" for number in range(30)]
    assert sorted(FreeText.objects.values_list("text", flat=True)) == written
    assert list(FreeText.objects.order_by("pk").values_list("text", flat=True)) != written
    assert list(FreeText.objects.order_by().values_list("text", flat=True)) != written


@pytest.mark.postgresql
def test_transactions_and_places_on_disk_join_nothing(campaign, alma, oskar, noon):
    """All tickets are of one transaction, in the order of their hashes; counts and texts are of one other, in the order of chance."""
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    def of_disk(table: str, column: str) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT xmin::text, {column}::text FROM {table} ORDER BY ctid")
            return cursor.fetchall()

    made = of_disk("impact_ticket", "token_hash")
    assert [key for _xmin, key in made] == sorted(key for _xmin, key in made)
    assert len({xmin for xmin, _key in made}) == 1
    for number, (_address, token) in enumerate(scene.mailed_tokens(at=noon)):
        scene.answer(survey, token, at=noon, text=f"{number:02d}")
    # Whatever was answered is in rows that each answer wrote anew: a row has no order inside.
    assert len(of_disk("impact_sealedbox WHERE kind = 'box'", "number")) == 1
    answers.close_due(at=survey.closes_at)
    for table in ("impact_tally", "impact_freetext"):
        assert len({xmin for xmin, _key in of_disk(table, "survey_id")}) == 1
    texts = of_disk("impact_freetext", "key")
    assert [key for _xmin, key in texts] == sorted(key for _xmin, key in texts)


# --- Back-ups -----------------------------------------------------------------------------------------


def test_two_back_ups_around_one_answer_tell_that_a_link_was_used_and_nothing_else(campaign, alma, oskar, noon, client):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [(_address, token), *_rest] = scene.mailed_tokens(at=noon)
    before = copy_of_database()
    scene.answer(survey, token, at=noon, places=(3, 4), text="nobody said where")
    between = copy_of_database()

    changed = differences(before, between)
    assert changed.keys() == {"impact_ticket", "impact_sealedbox"}
    [(gone, none)] = changed["impact_ticket"].values()
    assert none is None
    assert gone[1:] == (tickets.hash_of(token), survey.pk)
    [(_none, box)] = changed["impact_sealedbox"].values()
    assert "nobody said where" not in str(box)


def test_a_box_has_one_length_whatever_was_answered(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    sent = iter(scene.mailed_tokens(at=noon))
    lengths = []
    for text in ("", "ä" * 200, "🙂" * 200):
        SealedBox.objects.filter(kind="box").delete()
        scene.answer(survey, next(sent)[1], at=noon, text=text)
        lengths.append(len(SealedBox.objects.get(kind="box").sealed))
    assert len(set(lengths)) == 1


def test_a_back_up_of_a_hat_and_a_later_one_do_not_tell_whose_token_was_taken(campaign, alma, oskar, noon):
    for number in range(20):
        build_influencer(campaign, f"ines{number}")
    survey = scene.start(scene.compose(campaign, by=alma, at=noon, group="influencers"), by=oskar, at=noon)
    before = copy_of_database()
    someone = survey.asked.order_by("?").first()
    token = portal_card.take_link(survey, someone.recipient_id, at=noon)
    changed = differences(before, copy_of_database())

    assert token
    assert changed.keys() == {"impact_asked", "impact_sealedbox"}
    assert token not in str(changed)
    assert tickets.hash_of(token) not in str(changed)
    assert portal_card.take_link(survey, someone.recipient_id, at=noon) is None


def test_even_all_copies_before_and_after_closing_join_no_answer_to_a_ticket(campaign, alma, oskar, noon):
    """The counts appear at once, for all answers together: no back-up lies between two of them."""
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    copies = []
    for number, (_address, token) in enumerate(scene.mailed_tokens(at=noon)[:12]):
        scene.answer(survey, token, at=noon, places=(number % 5, 0))
        copies.append(copy_of_database())
    assert all(not copy["impact_tally"] and not copy["impact_freetext"] for copy in copies)
    answers.close_due(at=survey.closes_at)
    changed = differences(copies[-1], copy_of_database())

    assert sum(row[-1] for _old, row in changed["impact_tally"].values()) == 24
    assert all(new is None for _old, new in changed["impact_ticket"].values())
    assert all(new is None for _old, new in changed["impact_sealedbox"].values())


def test_no_token_is_anywhere_after_its_mail_was_handed_over(campaign, alma, oskar, noon):
    """Neither outbox, ledger, audit log nor any other table has it, in the clear or in the seal of the hat."""
    scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    sent = scene.mailed_tokens(at=noon)

    everything = str(copy_of_database())
    for _address, token in sent:
        assert token not in everything
        assert token.split("-")[1] not in everything
    assert SealedBox.objects.get(kind="hat").parts == 0
    assert sealed_boxes.opened(SealedBox.objects.get(kind="hat")) == []


# --- Logs ---------------------------------------------------------------------------------------------


def test_logs_hold_neither_token_nor_answer(campaign, alma, oskar, noon, client, caplog, time_machine):
    time_machine.move_to(noon)
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [(_address, token), *_rest] = scene.mailed_tokens(at=noon)
    address = reverse("surveys:answer", args=[token])
    caplog.handler.addFilter(Clean())
    caplog.handler.setFormatter(JsonLines())
    with caplog.at_level(logging.DEBUG, logger="django.request"), caplog.at_level(logging.DEBUG, logger="impact"):
        client.get(address)
        client.post(address, {"q1": "0", "q2": "9", "q3": "a secret of mine"})
        client.post(address, {"q1": "0", "q2": "1", "q3": "a secret of mine"})
        client.post(address, {"q1": "0", "q2": "1", "q3": "a secret of mine"})

    assert token.split("-")[1] not in caplog.text
    assert "secret of mine" not in caplog.text
    assert not survey.tickets.filter(token_hash=tickets.hash_of(token)).exists()


def test_the_audit_log_knows_surveys_and_nobody_who_answered(campaign, alma, oskar, noon, client, time_machine):
    time_machine.move_to(noon)
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    from accounts.models import AuditEntry

    before = AuditEntry.objects.count()
    for _address, token in scene.mailed_tokens(at=noon):
        client.post(reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1"})
    assert AuditEntry.objects.count() == before
    answers.close_due(at=survey.closes_at)
    entry = AuditEntry.objects.get(verb="survey.closed")
    assert entry.detail == {"answers": 30}


def test_answering_sets_no_cookie_and_makes_no_session(campaign, alma, oskar, noon, client, time_machine):
    time_machine.move_to(noon)
    scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [(_address, token), *_rest] = scene.mailed_tokens(at=noon)
    before = copy_of_database()

    client.get(reverse("surveys:answer", args=[token]))
    response = client.post(reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1"})

    assert response.status_code == 200
    assert not response.cookies
    assert not client.cookies
    assert differences(before, copy_of_database()).keys() == {"impact_ticket", "impact_sealedbox"}


# --- Small groups, and links used twice ---------------------------------------------------------------


def test_no_two_results_differ_by_fewer_than_five_people(campaign, alma, oskar, noon):
    """While a survey is open nothing is counted; afterwards the counts never change, and each group stands for five at least."""
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    languages = ["fi"] * 21 + ["sv"] * 2 + ["en"] * 7
    for language, (_address, token) in zip(languages, scene.mailed_tokens(at=noon), strict=True):
        scene.answer(survey, token, at=noon, language=language)
        assert not Tally.objects.exists()
    answers.close_due(at=survey.closes_at)

    groups = Tally.objects.filter(question=0).values_list("language").annotate(people=models.Sum("count"))
    assert dict(groups) == {"fi": 21, "": 9}


def test_a_link_works_once(campaign, alma, oskar, noon, client, time_machine):
    time_machine.move_to(noon)
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [(_address, token), *_rest] = scene.mailed_tokens(at=noon)
    address = reverse("surveys:answer", args=[token])
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200  # mail scanners open links too

    assert client.post(address, {"q1": "0", "q2": "1"}).status_code == 200
    again = client.post(address, {"q1": "4", "q2": "4"})

    assert (again.status_code, client.get(address).status_code) == (410, 410)
    assert "already been used" in again.content.decode()
    answers.close_due(at=survey.closes_at)
    assert list(Tally.objects.values_list("option", "count")) == []  # one answer is too few
    survey.refresh_from_db()
    assert survey.answers == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: "9" + token,
        lambda token: token + "0",
        lambda token: token.rpartition("-")[0],
    ],
)
def test_no_token_can_be_made_up(campaign, alma, oskar, noon, client, time_machine, change):
    time_machine.move_to(noon)
    scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    [(_address, token), *_rest] = scene.mailed_tokens(at=noon)

    assert client.post(reverse("surveys:answer", args=[change(token)]), {"q1": "0", "q2": "1"}).status_code == 404
    assert Ticket.objects.count() == 30
    assert not SealedBox.objects.filter(kind="box").exists()


def test_a_mail_in_doubt_is_not_sent_again(campaign, alma, oskar, noon, monkeypatch):
    """A worker that dies while it hands over may have handed over: two mails would be two votes."""
    scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    def die(_self, _messages):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", die)
        with pytest.raises(KeyboardInterrupt):
            survey_mails.ask_due(at=noon)

    assert len(scene.mailed_tokens(at=noon)) == 29
