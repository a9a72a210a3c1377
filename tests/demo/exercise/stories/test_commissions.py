"""The demo's commissions: one that is open, and one that is paid."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from demo.content_files import commission_file, reader
from demo.exercise.stories import commissions
from stories.commissions.commission_states import State
from stories.models import Commission
from tests.support import builders
from tests.support.builders import editor, second_person


@pytest.mark.django_db
def test_one_is_open_and_one_is_paid_by_three_people(campaign, roles, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = SimpleNamespace(languages=("fi", "sv", "en"), commissions=[])
    commission_file.read_commissions(reader.FOLDER, content)
    saga, payer = builders.build_user("saga", "creator"), builders.build_user("payer", "admin")
    commissions.create(campaign, content, [saga, editor(), second_person(), payer], at=timezone.now())
    open_one, paid = Commission.objects.order_by("number")
    assert (open_one.state, paid.state, paid.paid) == (State.OPEN, State.PAID, paid.fee)
    assert Commission.objects.taking_applications(at=timezone.now()).get() == open_one
