"""What is kept of creators: handed out, erased as far as the law lets it, and forgotten in time."""

import pytest

from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import NotErased, Person
from stories.commissions import ledger, personal_data
from stories.models import Commission, CommissionApplication, CommissionPayment

from . import scene

pytestmark = pytest.mark.django_db
SAGA = "saga@example.org"


@pytest.fixture
def saga(campaign, noon, roles):
    return scene.build_creator(campaign, at=noon)


def credit(campaign, at) -> str:
    rows = Commission.objects.done(campaign, at=at).prefetch_related(ledger.chosen_with_agreement())
    return ledger.credit_of(rows.get())


def test_a_creator_gets_what_is_held_and_is_erased_once_they_are_paid(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon)
    scene.pay(commission, "1000", at=noon)
    person = Person.of(SAGA)
    held = {one.part.kind: one.rows for one in data_subjects.collect(person)}
    assert held["commission_payments"][0]["amount"] == "1000.00"
    assert held["commission_applications"][0]["agreement__credit"] == "Saga"
    with pytest.raises(NotErased, match="not paid"):
        personal_data.refuse_under_way(person, None)
    scene.pay(commission, "800", "V-2", at=noon)
    personal_data.refuse_under_way(person, None)
    assert credit(campaign, noon) == "Saga"
    personal_data.forget_creator(person, None, noon)
    assert credit(campaign, noon) == ""
    assert CommissionPayment.objects.count() == 2  # the books need them
    assert "sentence" in {name for row in CommissionApplication.objects.values() for name in row if row[name] == ""}
