"""A template of WhatsApp, and what became of a send by it."""

from datetime import timedelta

from delivery.models import Delivery, WhatsAppTemplate
from delivery.sending import worker
from tests.support.builders import NOON

Use, Status = WhatsAppTemplate.Use, WhatsAppTemplate.Status
TEXT = "Keitä vesi\n• Nokialla\nhttps://crisis.test/1"


def template(use=Use.WORDS, language="fi", **fields):
    said = {"name": f"{use}_{language}", "code": language, "places": ["code" if use == Use.CODE else "text"]}
    return WhatsAppTemplate.objects.create(use=use, language=language, status=Status.APPROVED, **said | fields)


def states(send):
    return list(Delivery.objects.of(send).order_by("pk").values_list("state", "code"))


def work(send, *, after=1):
    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=after))
