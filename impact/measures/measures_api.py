"""Systems of the authority that leads a campaign give values by the API. docs/using/api/measures.md says how to use it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from bulletins.intake import api_requests
from bulletins.intake.api_requests import Refused
from bulletins.intake.api_schemas import Problem
from bulletins.intake.input_api import ByToken, token_of
from impact.models import Measure, Snapshot, Source
from impact.models.measures import DIGITS, PLACES

from . import own_figures, snapshots
from .csv_import import decimal_text
from .snapshots import NotTaken, Reading

LARGEST = 10_000  # bytes of a request

router = Router(auth=ByToken(), tags=["Measures"])

Number = Annotated[Decimal, Field(max_digits=DIGITS, decimal_places=PLACES, allow_inf_nan=False)]


class ValueIn(Schema):
    """A value of a measure. `of_all` is what it is a part of; `campaign` is one by its short name, else the one that the site shows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"value": 71, "of_all": 112}})

    value: Number
    of_all: Number | None = None
    note: Annotated[str, Field(max_length=300)] = ""
    campaign: Annotated[str, Field(max_length=60)] = ""


class ValueOut(Schema):
    """What stands for a measure on a day; `replaced` is the value before, "" where there was none."""

    measure: str
    day: date
    value: str
    of_all: str
    unit: str
    replaced: str


@router.put(
    "/measures/{key}/{day}",
    url_name="measure",
    summary="Give a value of a measure",
    response={
        200: ValueOut,
        201: ValueOut,
        401: Problem,
        404: Problem,
        409: Problem,
        413: Problem,
        422: Problem,
        429: Problem,
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": ValueIn.model_json_schema()}}}
    },
)
def give(request: HttpRequest, key: str, day: date) -> Any:
    """
    Keep a value of a day: 201. The same value again changes nothing, and another one replaces it, with both kept: 200.

    The token has to be one of the authority that leads the campaign.
    """
    content = api_requests.parse(ValueIn, api_requests.read_body(request, LARGEST))
    measure = measure_of(request, key, content.campaign)
    if own_figures.counts(measure):
        raise Refused(409, _("The site counts this measure itself. It takes no values by the API."))
    reading = Reading(measure, day, content.value, content.of_all, content.note)
    try:
        taken = snapshots.take(reading, source=Source.API, by=None, at=timezone.now())
    except NotTaken as refusal:
        raise Refused(422, str(api_requests.MARKED), {"value": [str(refusal)]}) from refusal
    return Status(201 if taken.is_new and not taken.replaced else 200, as_out(measure, taken.snapshot, taken.replaced))


def measure_of(request: HttpRequest, key: str, campaign: str) -> Measure:
    """Return a measure of a campaign that the token's authority leads; anything else does not exist."""
    found = api_requests.campaign_of(campaign)
    leads = found.authority_id == token_of(request).authority_id
    rows = Measure.objects.taken().filter(campaign=found, key=key).select_related("campaign")
    measure = rows.first() if leads and "\0" not in key else None
    if measure is None:
        raise Refused(404, _("There is no such measure in a campaign that your authority leads."))
    return measure


def as_out(measure: Measure, snapshot: Snapshot, replaced: Snapshot | None) -> dict[str, Any]:
    """Return what stands as systems see it."""
    return {
        "measure": measure.key,
        "day": snapshot.on,
        "value": decimal_text(snapshot.value),
        "of_all": decimal_text(snapshot.of_all),
        "unit": snapshot.unit,
        "replaced": decimal_text(replaced.value) if replaced else "",
    }
