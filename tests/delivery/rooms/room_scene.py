"""A campaign into whose rooms word goes, and the services that answer."""

import re

from accounts.models import User
from delivery.models import Room
from delivery.rooms import room_steps
from delivery.transports.rooms import transport
from delivery.transports.rooms.places import place_of
from tests.support.builders import NOON
from tests.support.providers.chat_services import TOKEN, ChatServices

CODE = re.compile(r"\b\d{6}\b")


def set_up(settings, services: ChatServices) -> None:
    """Have the settings know chat rooms, and these services."""
    settings.CHAT_ROOMS = True
    settings.TRANSPORTS = {**settings.TRANSPORTS, "room": "room"}
    settings.FETCH_ALLOW = [services.place]
    transport.forget()


def room_of(campaign, services, by: User, *, service="slack", name="one", language="en", bulletins=False) -> Room:
    """Return a room that is added and not proven."""
    more = {"room_id": "!news:example.org", "token": TOKEN} if service == "matrix" else {}
    place = place_of(service, services.url(service, name), **more)
    return room_steps.add(
        campaign, place, organisation=f"Newsroom {name}", service=service, language=language,
        wants_bulletins=bulletins, by=by, at=NOON,
    )  # fmt: skip


def proven(campaign, services, by, **fields) -> Room:
    """Return a room that was proven by the code that came into it."""
    room = room_of(campaign, services, by, **fields)
    room_steps.ask(room, at=NOON)
    room_steps.prove(room, CODE.findall(services.texts())[-1], by=by, at=NOON)
    services.said.clear()
    return room
