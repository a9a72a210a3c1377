"""The lists of the desk say who has what, and can be narrowed to it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins.models import Bulletin, MessageInput
from factcheck.models import Claim
from tests.support import builders

pytestmark = pytest.mark.django_db


BUILT = {
    Bulletin: (builders.build_bulletin, "editor"),
    MessageInput: (builders.build_input, "editor"),
    Claim: (builders.build_claim, "fact-checker"),
}


@pytest.mark.parametrize("model", BUILT, ids=lambda model: model._meta.model_name)
def test_a_list_is_narrowed_to_mine_to_nobodys_and_to_a_colleagues(model, campaign, root, signed_in):
    build, role = BUILT[model]
    veikko = builders.build_user("veikko", role)
    for number in range(4):
        build(campaign, **({"slug": f"claim-{number}"} if model is Claim else {}))
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    model.objects.update(taken_by=None)
    model.objects.filter(pk=keys[0]).update(taken_by=root)
    model.objects.filter(pk__in=keys[1:3]).update(taken_by=veikko)
    desk, where = signed_in(root), reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    def shown(assigned):
        page = desk.get(where, {"assigned": assigned})
        return {row.pk for row in page.context["cl"].result_list}

    assert shown("me") == {keys[0]}
    assert shown("nobody") == {keys[3]}
    assert shown(str(veikko.pk)) == set(keys[1:3])
    assert shown("999999999999999999999") == shown("x' OR 1=1") == set()
    assert "Veikko" in desk.get(where).content.decode()


def test_the_list_of_bulletins_costs_the_same_however_many_there_are(campaign, alma, signed_in, desk_at_noon):
    desk, where = signed_in(alma), reverse("admin:bulletins_bulletin_changelist")

    def cost():
        desk.get(where)
        with CaptureQueriesContext(connection) as asked:
            desk.get(where)
        return len(asked)

    builders.build_bulletin(campaign, by=alma)
    few = cost()
    for number in range(6):
        builders.build_bulletin(campaign, by=builders.build_user(f"editor{number}", "editor"))

    assert cost() == few
