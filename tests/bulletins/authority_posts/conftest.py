"""A live campaign with an account on each network, both on this machine."""

import pytest

from tests.support.providers.social_networks import BlueskyServer, MastodonServer


@pytest.fixture
def mastodon(settings):
    with MastodonServer() as server:
        settings.FETCH_ALLOW = [*settings.FETCH_ALLOW, server.place]
        yield server


@pytest.fixture
def bluesky(settings):
    with BlueskyServer() as server:
        settings.FETCH_ALLOW = [*settings.FETCH_ALLOW, server.place]
        yield server


@pytest.fixture
def live(db):
    from tests.support.builders import build_campaign

    return build_campaign("vesi", mode="live")


@pytest.fixture
def boss(roles):
    from tests.support.builders import build_user

    return build_user("boss", "admin")
