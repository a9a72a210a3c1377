"""No field that can hold something of a person's is left without what lets it go."""

from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import User
from accounts.privacy import data_subjects, retention
from delivery.models import Recipient
from influencers.models import Influencer

from .fields import COVERED, NOT_PERSONAL

CAN_HOLD = (
    *(models.CharField, models.TextField, models.JSONField, models.FileField),
    *(models.GenericIPAddressField, models.BinaryField),
)


def fields_of(model: Any) -> set[str]:
    """Return the fields of a model that can hold text, data or files, or name a person."""
    people = {User, Recipient, Influencer}
    return {
        field.name
        for field in model._meta.local_fields
        if (isinstance(field, CAN_HOLD) and not field.choices) or (field.is_relation and field.related_model in people)
    }


def test_every_field_that_can_hold_something_of_a_person_is_covered():
    known = (
        {rule.kind for rule in retention.rules()} | {part.kind for part in data_subjects.parts()} | {"neutral", "not"}
    )
    wrong, seen = [], set()
    for model in apps.get_models(include_auto_created=True):
        label, there = model._meta.label, fields_of(model)
        if not there:
            continue
        seen.add(label)
        if label in NOT_PERSONAL:
            assert label not in COVERED, label
            continue
        named = [name for names in COVERED.get(label, {}).values() for name in names.split()]
        if set(named) != there or len(named) != len(there):
            wrong.append(f"{label}: say what lets go {sorted(there ^ set(named))}")
        wrong += [f"{label}: there is no {cover}" for cover in COVERED.get(label, {}) if cover not in known]
    assert wrong == []
    assert (set(COVERED) | set(NOT_PERSONAL)) - seen == set()  # models that are there no more


def test_a_row_of_a_person_is_written_down_for_ever_without_a_name():
    """The audit log and the desk's history call it by kind and key."""
    wrong = [
        label
        for label, covers in COVERED.items()
        if not hasattr(apps.get_model(label), "audited_as")
        and set(covers) - {"neutral", "not", "contacts", "input_contacts", "audit", "attempts", "provider_events"}
        and apps.get_model(label)._meta.app_label in {"delivery", "influencers", "bulletins", "factcheck", "campaigns"}
        and label
        not in {
            "delivery.Delivery",  # its key and state
            "delivery.SignUp",  # its key
            "delivery.NewAddress",  # its key
            "questions.AnswerVersion",  # its answer's key and number
            "bulletins.Presence",  # nobody edits one
            "influencers.PostMessage",  # nobody edits one
            "influencers.ArrivedMail",  # nobody edits one
        }
    ]
    assert wrong == []
    assert hasattr(User, "audited_as")
