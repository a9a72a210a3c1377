"""The embedded broker outlives a full disk, and keeps up with what is asked for each second."""

import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from django.conf import settings as configured
from kombu import Connection, Consumer, Exchange, Queue

pytestmark = pytest.mark.both


def test_a_message_that_was_cut_off_is_dropped_and_the_next_one_is_taken(tmp_path: Path):
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    with Connection(transport="config.backends.file_broker:Transport", transport_options=folders) as connection:
        channel = connection.channel()
        for n, words in enumerate(("", '{"body": "cut o')):
            (tmp_path / f"0{n}.tick.msg").write_text(words)
        channel._put("tick", {"body": "whole"})

        assert channel._get("tick") == {"body": "whole"}
        with pytest.raises(Empty):
            channel._get("tick")
    assert not list(tmp_path.glob("*.msg"))


def test_the_worker_uses_it(settings):
    from config.celery import app

    transport = app.connection_for_read().transport
    assert transport.__class__.__module__ == "config.backends.file_broker" or settings.REDIS_URL


@pytest.mark.sqlite  # with the embedded broker
def test_a_worker_that_does_one_thing_at_a_time_takes_more_than_is_asked_for_each_second(tmp_path: Path):
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    options = configured.CELERY_BROKER_TRANSPORT_OPTIONS | folders
    taken: list[threading.Timer] = []

    def work(_body: Any, message: Any) -> None:
        taken.append(threading.Timer(0.01, message.ack))
        taken[-1].start()

    with Connection(transport="config.backends.file_broker:Transport", transport_options=options) as connection:
        queue = Queue("tick", Exchange("tick"), routing_key="tick")
        producer = connection.Producer()
        for number in range(8):
            producer.publish(number, exchange=queue.exchange, routing_key="tick", declare=[queue])
        with Consumer(connection.channel(), [queue], callbacks=[work], prefetch_count=1):
            began = time.monotonic()
            while len(taken) < 8:
                connection.drain_events(timeout=20)
            for timer in taken:
                timer.join()
    assert time.monotonic() - began < 4  # at one look a second it is eight
