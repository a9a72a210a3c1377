import pytest


@pytest.fixture
def stored(settings, tmp_path):
    """Stored files of one test alone."""
    settings.MEDIA_ROOT = tmp_path / "media"
