"""A row that providers and mail servers report on."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from delivery.models import Delivery


@pytest.fixture
def row(campaign: Any) -> "Delivery":
    """A row that was handed over and accepted."""
    from delivery.models import Delivery
    from tests.support.builders import build_audience, build_fanned_out_send

    build_fanned_out_send(build_audience(campaign, size=2))
    Delivery.objects.update(state=Delivery.State.ACCEPTED, attempts=1)
    return Delivery.objects.order_by("pk")[1]
