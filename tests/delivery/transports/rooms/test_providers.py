"""What each service of chat rooms is told, what its answers mean, and which addresses are none."""

import json
from email.message import Message as Headers

import pytest

from delivery.transports.rooms import markup, providers
from delivery.transports.rooms.places import NoPlace, Place, place_of
from delivery.transports.rooms.providers import Means
from lib.http.kept_connections import Answer

PAGE = "<html><title>Bad Gateway</title></html>"


def answer(status, said="", **headers):
    found = Headers()
    for name, value in headers.items():
        found[name.replace("_", "-")] = value
    return Answer(status, found, (said if isinstance(said, str) else json.dumps(said)).encode())


@pytest.mark.parametrize(
    ("service", "said", "means"),
    [
        ("slack", (200, "ok"), Means.TAKEN),
        ("slack", (200, PAGE), Means.UNKNOWN),
        ("slack", (400, "invalid_payload"), Means.REFUSED),
        ("slack", (403, "action_prohibited"), Means.REFUSED),
        ("slack", (403, "invalid_token"), Means.GONE),
        ("slack", (404, "no_service"), Means.GONE),
        ("slack", (404, PAGE), Means.REFUSED),
        ("slack", (410, "channel_is_archived"), Means.GONE),
        ("slack", (302, ""), Means.NOT_NOW),
        ("slack", (500, "rollup_error"), Means.UNKNOWN),
        ("mattermost", (200, "ok"), Means.TAKEN),
        ("mattermost", (400, {"id": "web.incoming_webhook.invalid.app_error", "status_code": 400}), Means.GONE),
        ("mattermost", (403, {"id": "web.incoming_webhook.permissions.app_error"}), Means.REFUSED),
        ("mattermost", (501, {"id": "web.incoming_webhook.disabled.app_error"}), Means.NOT_NOW),
        ("teams", (202, ""), Means.TAKEN),
        ("teams", (200, PAGE), Means.UNKNOWN),
        ("teams", (404, {"error": {"code": "WorkflowNotFound", "message": "gone"}}), Means.GONE),
        ("teams", (401, {"error": {"code": "DirectApiAuthorizationRequired"}}), Means.REFUSED),
        ("matrix", (200, {"event_id": "$e"}), Means.TAKEN),
        ("matrix", (200, {}), Means.UNKNOWN),
        ("matrix", (401, {"errcode": "M_UNKNOWN_TOKEN"}), Means.GONE),
        ("matrix", (403, {"errcode": "M_FORBIDDEN", "error": "User @a:b not in room !c"}), Means.GONE),
        ("matrix", (403, {"errcode": "M_FORBIDDEN", "error": "No permission"}), Means.REFUSED),
        ("matrix", (404, {"errcode": "M_UNRECOGNIZED"}), Means.REFUSED),
        ("hookshot", (200, {"ok": True}), Means.TAKEN),
        ("hookshot", (404, {"ok": False, "error": "Webhook not found"}), Means.GONE),
        ("hookshot", (502, PAGE), Means.UNKNOWN),
    ],
)
def test_what_an_answer_means(service, said, means):
    assert providers.read(service, answer(*said)).means == means


def test_a_pause_is_as_long_as_the_service_says():
    assert providers.read("slack", answer(429, "rate_limited", Retry_After="30")).wait == 30
    assert providers.read("matrix", answer(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500})).wait == 2.5
    assert providers.read("teams", answer(503, PAGE)).wait is None


SHOUT = "@all @channel <!channel> <@U1> *not bold* [no](link) {{DATE(1)}} a@b.fi\n# no heading\n- 1 https://a.fi/x_y_z"


def test_words_are_shown_as_they_are_and_call_nobody():
    slack = providers.body_of("slack", SHOUT)
    mattermost = providers.body_of("mattermost", SHOUT)["text"]
    hookshot = providers.body_of("hookshot", SHOUT)
    matrix = json.loads(providers.call_of("matrix", Place("https://m.fi", "!r:m.fi", "t"), SHOUT, "r").body)
    card = json.dumps(providers.body_of("teams", SHOUT), ensure_ascii=False)

    assert slack["mrkdwn"] is False and "<" not in slack["text"] and "&lt;!channel&gt;" in slack["text"]
    assert "<!" not in mattermost and "<@" not in mattermost and r"\*not bold\*" in mattermost
    assert "https://a.fi/x_y_z" in mattermost and "\n# " not in mattermost and "\n- " not in mattermost
    assert "<" not in hookshot["html"].replace("<br>", "") and matrix["m.mentions"] == {}
    assert "{{" not in card and '"RichTextBlock"' in card and '"url": "https://a.fi/x_y_z"' in card
    for text in (slack["text"], mattermost, hookshot["text"], hookshot["html"], matrix["body"], card):
        assert "@all" not in text and "@channel" not in text and "a@b.fi" in text
    assert markup.quiet("@room").replace(markup.UNSEEN, "") == "@room"


def test_matrix_says_the_same_once_and_the_token_stands_in_no_address():
    place = Place("https://m.fi", "!r/1:m.fi", "secret")
    one, again = (providers.call_of("matrix", place, "a", "bulletin-7") for _twice in range(2))

    assert one == again and one.method == "PUT" and "secret" not in one.url
    assert one.url == "https://m.fi/_matrix/client/v3/rooms/%21r%2F1%3Am.fi/send/m.room.message/bulletin-7"


@pytest.mark.parametrize(
    ("service", "url", "says"),
    [
        ("slack", "http://hooks.slack.com/services/T/B/x", "https"),
        ("slack", "https://10.0.0.7/services/T", "inside a network"),
        ("mattermost", "https://chat.localhost/hooks/x", "inside a network"),
        ("mattermost", "https://2130706433/hooks/x", "inside a network"),
        ("mattermost", "https://user:pw@chat.example.org/hooks/x", "no web address"),
        ("mattermost", "https://chat.example.org:8065/hooks/x", "Only port 443"),
        ("mattermost", "javascript:alert(1)", "no web address"),
        ("mattermost", "https://chat.example.org/", "only a site"),
        ("teams", "https://a.webhook.office.com/webhookb2/x", "retired"),
        ("teams", "https://hooks.slack.com/services/T/B/x", "Slack"),
        ("slack", "https://chat.example.org/hooks/x", r"no address of Slack: those are on hooks\.slack\.com, "),
        ("slack", "https://nothooks.slack.com/services/T/B/x", "no address of Slack"),
        ("teams", "https://logic.azure.com.example.org/workflows/x", "no address of Microsoft Teams"),
        ("matrix", "https://matrix.example.org", "internal ID"),
    ],
)
def test_addresses_that_lead_to_no_room_are_refused(service, url, says):
    with pytest.raises(NoPlace, match=says):
        place_of(service, url)


def test_what_is_on_its_services_own_host_is_taken_and_what_the_site_allows(settings):
    settings.FETCH_ALLOW = ["teams.example.org:443"]
    for service, url in (
        ("slack", "https://hooks.slack.com/services/T/B/x"),
        ("teams", "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y"),
        ("teams", "https://a1.b2.environment.api.powerplatform.com:443/powerautomate/x?sig=y"),
        ("teams", "https://teams.example.org/in-front-of-it"),
        ("mattermost", "https://chat.example.org/hooks/x"),
    ):
        assert place_of(service, url).url == url


def test_a_room_is_known_again_and_its_secret_is_locked():
    place = place_of("matrix", "https://matrix.example.org/ignored", "!r:example.org", "syt_one")
    other = place_of("matrix", "https://matrix.example.org", "!r:example.org", "syt_two")

    assert place.address_in(3) == other.address_in(3) != place.address_in(4)
    assert "syt_one" not in place.locked() and "example" not in place.locked() and "r:" not in place.address_in(3)
