"""
The API is as it describes itself: schemathesis makes requests of the description, right ones and wrong ones, and holds each answer
of the real application against it. What it makes is the same each time.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from bulletins.intake import input_api
from campaigns import api_tokens
from impact.models import Measure
from tests.stories.wall.scene import build_shown
from tests.stories.ways_to_help.scene import build_offer
from tests.support import builders
from tests.support.builders import NOON
from tests.website.search.test_results import VIDEO, build_answer
from website.api.base import api

pytestmark = pytest.mark.django_db
DESCRIPTION = "/api/v1/openapi.json"
EXAMPLES = 4  # requests of each kind to each address
QUIETLY = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What a schema allows the campaign may still not have: a language, a topic, a region.
BEYOND_A_SCHEMA = [checks.positive_data_acceptance]

load_all_checks()


@pytest.fixture
def known(campaign: Any, authority: Any, root: Any, settings: Any, tmp_path: Any, monkeypatch: Any) -> dict[str, Any]:
    """Return the names of what there is in the API, and a token; a bulletin is corrected, and an input was returned."""
    settings.MEDIA_ROOT = tmp_path
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(input_api, "A_MINUTE", 1_000_000)
    version = builders.build_published_version(campaign)
    answer = build_answer(campaign, at=NOON, **VIDEO)
    campaign.authority = authority
    campaign.save()
    Measure.objects.create(campaign=campaign, key="calls", name={"en": "Calls"}, unit="calls")
    given_in = builders.build_input(campaign, authority=authority)
    return {
        "number": version.bulletin.number,
        "version": 1,
        "slug": answer.group.slug,
        "reference": given_in.reference,
        "key": "calls",
        "pk": build_offer(campaign, at=NOON).pk,
        "story": build_shown(campaign, at=NOON).key,
        "day": NOON.date().isoformat(),
        "token": api_tokens.issue(authority, name="CMS", by=root, at=NOON)[1],
    }


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The application asks in this test's own transaction: it leaves the connection open, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    """Give each operation that is described."""
    for found in schemathesis.openapi.from_wsgi(DESCRIPTION, get_wsgi_application()).get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("area", ["read", "inputs", "measures"])
def test_every_answer_is_one_that_is_described(area: str, mode: GenerationMode, known: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {known['token']}"} if area != "read" else {}
    tried = 0
    for operation in operations():
        if area != next((one for one in ("inputs", "measures") if f"/{one}" in operation.path), "read"):
            continue
        names = {one.name for one in operation.path_parameters}
        exactly = {name: known[name] for name in names} if mode == GenerationMode.POSITIVE else None
        for path in [None, exactly] if exactly else [None]:

            @given(case=operation.as_strategy(generation_mode=mode, path_parameters=path))
            @QUIETLY
            def answers(case: Any) -> None:
                case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)

            answers()
            tried += 1
    assert tried >= (2 if area == "measures" and mode == GenerationMode.POSITIVE else 1 if area == "measures" else 4)


def test_no_two_schemas_share_a_name() -> None:
    """Each answer's own schema says the same as the component that its name leads to."""
    described = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in filter(None, operation.response_models.values()):
                    own = model.model_json_schema(mode="serialization", by_alias=True).get("$defs", {})
                    for name, schema in own.items():
                        assert set(schema.get("properties", {})) == set(described[name].get("properties", {})), name


def test_errors_are_described_as_they_are_told(client: Any) -> None:
    described = client.get(DESCRIPTION).json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert {"400", "503"} <= set(operation["responses"]), (path, method)
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                assert kinds == ({"application/problem+json"} if status >= "400" else kinds), (path, status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "bulletins/twelve", 404),
        ("get", "bulletins/1/versions/first", 404),
        ("get", "nothing/here", 404),
        ("delete", "bulletins", 405),
        ("put", "inputs", 405),
        ("get", "bulletins?topic=%00", 400),
        ("get", "bulletins?" + "x" * 9000, 400),
        ("get", "inputs", 401),
    ],
)
def test_every_error_is_a_problem_whoever_finds_it(
    method: str, path: str, status: int, client: Any, campaign: Any
) -> None:
    answer = getattr(client, method)(f"/api/v1/{path}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["detail"] and answer.json()["fields"] == {}
    assert ("Allow" in answer) == (status == 405)
