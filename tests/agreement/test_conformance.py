"""
The rule of two people, for every kind of text: written by one, agreed to word for word by another who is independent. Each test
is one way of cheating.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models

from accounts.access import independence, two_administrators
from accounts.audit import trail
from accounts.models import User
from agreement import audit_check, steps
from agreement.kinds import registered
from agreement.management.commands.agreement_kinds import unregistered
from agreement.refusals import Refused, Stale
from tests.support import builders
from tests.support.builders import NOON

from .scenes import SCENES, Scene, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.both]
AT = NOON + timedelta(hours=2)


@pytest.fixture
def stage(campaign: Any) -> Stage:
    alma, bea, cecilia = (
        builders.build_user(name, "admin", is_superuser=True) for name in ("alma2", "bea2", "cecilia2")
    )
    return Stage(campaign, alma, bea, cecilia)


@pytest.fixture(params=[kind.name for kind in registered()])
def scene(request: Any, stage: Stage) -> Scene:
    return SCENES[request.param](stage)


def agree(scene: Scene, by: User, *, seen: str = "") -> Any:
    """Agree to a row as it is, or to what somebody has read."""
    row = scene.fresh()
    return steps.agree(scene.kind, row, seen=seen or scene.kind.digest_of(row), by=by, at=AT)


def refuse(scene: Scene, by: User, *, seen: str = "", match: str = "") -> None:
    """Look that somebody cannot agree, and that nothing changes by it."""
    before = scene.kind.model._default_manager.filter(pk=scene.row.pk).values().get()
    with pytest.raises(Refused, match=match):
        agree(scene, by, seen=seen)
    assert scene.kind.model._default_manager.filter(pk=scene.row.pk).values().get() == before


# --- The registry ------------------------------------------------------------------------------------------


# What still has an approval of its own. Each that is moved goes from here; none comes.
NOT_YET = {
    "answer",
    "bulletin",
    "commission",
    "correction or withdrawal of a bulletin",
    "pretest",
    "withdrawal of a fact-check",
}


def test_every_row_of_the_page_that_needs_a_second_person_is_a_kind() -> None:
    assert {*unregistered()} == NOT_YET


def test_every_kind_is_in_this_suite() -> None:
    assert {kind.name for kind in registered()} == SCENES.keys()


def test_the_command_prints_the_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("agreement_kinds")
    printed = json.loads(capsys.readouterr().out)
    assert {kind.name for kind in registered()} == {*printed["kinds"]}
    assert {*printed["unregistered"]} < {*printed["rows"]}


# --- Whose words they are ----------------------------------------------------------------------------------


def test_a_save_that_changes_nothing_makes_no_writer_and_frees_none(scene: Scene, stage: Stage) -> None:
    scene.save(scene.fresh(), stage.bea, False)
    row = scene.fresh()
    assert stage.bea.pk not in scene.kind.writers_of(row)
    assert stage.alma.pk in scene.kind.writers_of(row)
    refuse(scene, stage.alma, match="worked on this")
    agree(scene, stage.bea)


def test_whoever_adds_a_full_stop_is_a_writer_beside_the_first(scene: Scene, stage: Stage) -> None:
    scene.save(scene.fresh(), stage.bea, True)
    scene.submit(scene.fresh(), stage.bea)
    assert {stage.alma.pk, stage.bea.pk} <= scene.kind.writers_of(scene.fresh())
    refuse(scene, stage.alma)
    refuse(scene, stage.bea)
    agree(scene, stage.cecilia)
    assert scene.kind.get_id(scene.fresh(), "agreed_by") == stage.cecilia.pk


def test_other_words_than_were_read_are_not_agreed_to(scene: Scene, stage: Stage) -> None:
    seen = scene.kind.digest_of(scene.fresh())
    scene.save(scene.fresh(), stage.alma, True)
    scene.submit(scene.fresh(), stage.alma)
    assert scene.kind.digest_of(scene.fresh()) != seen
    refuse(scene, stage.cecilia, seen=seen)
    refuse(scene, stage.cecilia, seen="0" * 64)


def test_of_two_who_agree_one_is_told_so(scene: Scene, stage: Stage) -> None:
    seen = scene.kind.digest_of(scene.fresh())
    agree(scene, stage.bea, seen=seen)
    with pytest.raises(Stale):
        agree(scene, stage.cecilia, seen=seen)
    assert scene.kind.get_id(scene.fresh(), "agreed_by") == stage.bea.pk


def test_whoever_lost_the_permission_since_reading_cannot_agree(scene: Scene, stage: Stage) -> None:
    seen = scene.kind.digest_of(scene.fresh())
    User.objects.filter(pk=stage.bea.pk).update(is_superuser=False)
    stage.bea.groups.clear()
    stage.bea = User.objects.get(pk=stage.bea.pk)
    refuse(scene, stage.bea, seen=seen, match="may not")


# --- What is printed is in the digest ----------------------------------------------------------------------


def other_value(column: Any, value: Any) -> Any:
    """Return another value of a column."""
    if isinstance(column, models.ForeignKey):
        return (value or 0) + 1_000_000
    if isinstance(column, models.BooleanField):
        return not value
    if isinstance(column, models.JSONField):
        if isinstance(value, list):
            return [*value, value[-1] if value else "x"]
        return {**(value or {}), "en": "Something else"}
    if isinstance(column, models.DateTimeField):
        return (value or NOON) + timedelta(minutes=1)
    if isinstance(column, models.DateField):
        return (value or NOON.date()) + timedelta(days=1)
    if isinstance(column, models.IntegerField | models.PositiveBigIntegerField):
        return (value or 0) + 1
    if column.choices:
        return next(code for code, _label in column.flatchoices if code != value)
    return f"{value or ''}x"


def test_every_column_that_reaches_a_reader_changes_the_digest(scene: Scene) -> None:
    kind, row = scene.kind, scene.fresh()
    mechanism = {getattr(kind.columns, name) for name in kind.columns.__dataclass_fields__}
    columns = [
        column
        for column in row._meta.concrete_fields
        if not column.primary_key and column.name not in mechanism | scene.unprinted.keys()
    ]
    before, unseen = kind.digest_of(row), []
    for column in columns:
        value = getattr(row, column.attname)
        setattr(row, column.attname, other_value(column, value))
        if kind.digest_of(row) == before:
            unseen.append(column.name)
        setattr(row, column.attname, value)
    assert unseen == []
    assert scene.unprinted.keys() <= {column.name for column in row._meta.get_fields()}


def raw_change(scene: Scene) -> None:
    """Change something printed by SQL, past every step."""
    kind, row = scene.kind, scene.fresh()
    mechanism = {getattr(kind.columns, name) for name in kind.columns.__dataclass_fields__}
    column = next(
        one
        for one in row._meta.concrete_fields
        if isinstance(one, models.JSONField) and one.name not in mechanism | scene.unprinted.keys()
    )
    value = column.get_db_prep_save(other_value(column, getattr(row, column.attname)), connection)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(row._meta.db_table)} SET {quote(column.column)} = %s WHERE {quote(row._meta.pk.column)} = %s",
            [value, row.pk],
        )


def test_what_was_changed_past_the_steps_is_not_agreed_to(scene: Scene, stage: Stage) -> None:
    raw_change(scene)
    refuse(scene, stage.cecilia)


def test_what_was_changed_after_two_agreed_is_found(scene: Scene, stage: Stage) -> None:
    agree(scene, stage.cecilia)
    assert [fault for fault in audit_check.faults() if fault.kind == scene.kind.name] == []
    try:
        raw_change(scene)
    except Exception as refused:  # the database keeps it
        assert "frozen" in str(refused)
    else:
        assert [fault.what for fault in audit_check.faults() if fault.kind == scene.kind.name]


# --- Two people are two independent people -----------------------------------------------------------------


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_administrators, "live_since", lambda: NOON - timedelta(days=90))


@pytest.mark.parametrize("verb", sorted(independence.ACTS.keys() - {"user.change_made"}))
def test_nobody_agrees_to_words_of_an_account_in_their_hands(scene: Scene, stage: Stage, live: None, verb: str) -> None:
    trail.note(verb, stage.alma, by=stage.bea, at=AT - timedelta(days=3))
    refuse(scene, stage.bea, match="independent")
    agree(scene, stage.cecilia)


def test_nor_by_an_account_that_the_writer_has_in_their_hands(scene: Scene, stage: Stage, live: None) -> None:
    trail.note("user.added", stage.bea, by=stage.alma, at=AT - timedelta(days=3))
    refuse(scene, stage.bea, match="independent")


def test_nor_through_a_third_account(scene: Scene, stage: Stage, live: None) -> None:
    third = builders.build_user("third", "admin")
    trail.note("user.added", third, by=stage.bea, at=AT - timedelta(days=3))
    trail.note("user.added", stage.alma, by=third, at=AT - timedelta(days=2))
    refuse(scene, stage.bea, match="independent")


def test_nor_do_two_accounts_in_the_hands_of_one(scene: Scene, stage: Stage, live: None) -> None:
    third = builders.build_user("third", "admin")
    for puppet in (stage.alma, stage.bea):
        trail.note("user.second_factor_reset", puppet, by=third, at=AT - timedelta(days=2))
    refuse(scene, stage.bea, match="independent")


def test_what_took_effect_unopposed_was_done_by_who_asked(scene: Scene, stage: Stage, live: None) -> None:
    detail = {"kind": "rights", "rights": {}, "asked_by": stage.bea.pk}
    trail.note("user.change_made", stage.alma, by=None, at=AT - timedelta(days=1), **detail)
    refuse(scene, stage.bea, match="independent")


def test_what_two_agreed_to_thirty_days_ago_or_before_the_site_was_live_ties_nobody(
    stage: Stage, live: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.note("user.roles_changed", stage.alma, by=stage.bea, at=AT - timedelta(days=1), agreed=True)
    trail.note("user.added", stage.alma, by=stage.bea, at=AT - timedelta(days=31))
    assert independence.why_not(stage.bea, {stage.alma.pk}, at=AT) == ""
    trail.note("user.added", stage.alma, by=stage.bea, at=AT - timedelta(days=2))
    assert independence.why_not(stage.bea, {stage.alma.pk}, at=AT)
    for since in (None, AT - timedelta(days=1)):
        monkeypatch.setattr(two_administrators, "live_since", lambda since=since: since)
        assert independence.why_not(stage.bea, {stage.alma.pk}, at=AT) == ""


def test_a_role_that_an_administrator_of_many_gave_ties_only_the_two(stage: Stage, live: None) -> None:
    third = builders.build_user("third", "admin")
    for person in (stage.alma, stage.bea):
        trail.note("user.roles_changed", person, by=third, at=AT - timedelta(days=1))
    assert independence.why_not(stage.bea, {stage.alma.pk}, at=AT) == ""
    assert independence.why_not(third, {stage.alma.pk}, at=AT)
