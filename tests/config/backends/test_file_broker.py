"""The embedded broker outlives a full disk."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

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
