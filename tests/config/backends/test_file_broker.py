"""The embedded broker outlives a full disk, and keeps up with what is asked for each second."""

import errno
from pathlib import Path
from queue import Empty

import pytest
from django.conf import settings as configured
from kombu import Connection
from kombu.exceptions import ChannelError

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


def test_a_worker_sees_a_message_only_once_it_is_whole(tmp_path: Path, monkeypatch, caplog):
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    write = Path.write_bytes
    with Connection(transport="config.backends.file_broker:Transport", transport_options=folders) as connection:
        channel, other = connection.channel(), connection.channel()

        def write_slowly(place: Path, data: bytes) -> int:
            for so_far in (0, 3):
                write(place, data[:so_far])
                with pytest.raises(Empty):
                    other._get("tick")
            return write(place, data)

        with monkeypatch.context() as slow:
            slow.setattr(Path, "write_bytes", write_slowly)
            channel._put("tick", {"body": "whole"})
        assert other._size("tick") == 1 and other._get("tick") == {"body": "whole"}
    assert not caplog.records and not list(tmp_path.iterdir())


def test_a_message_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch):
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    with Connection(transport="config.backends.file_broker:Transport", transport_options=folders) as connection:
        channel = connection.channel()

        def fill(place: Path, data: bytes) -> int:
            with place.open("wb") as file:
                file.write(data[:3])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", fill)
        with pytest.raises(ChannelError, match="cannot be written"):
            channel._put("tick", {"body": "whole"})
    assert not list(tmp_path.iterdir())


def test_the_worker_uses_it(settings):
    from config.celery import app

    transport = app.connection_for_read().transport
    assert transport.__class__.__module__ == "config.backends.file_broker" or settings.REDIS_URL


@pytest.mark.sqlite  # with the embedded broker
def test_a_worker_looks_for_messages_more_often_than_they_come(tmp_path: Path):
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    options = configured.CELERY_BROKER_TRANSPORT_OPTIONS | folders
    with Connection(transport="config.backends.file_broker:Transport", transport_options=options) as connection:
        assert connection.transport.polling_interval <= 0.1  # kombu's own is a second, in which several messages come
