"""The nginx example in deploy/ is one that nginx takes."""

import shutil
import subprocess

import pytest

from benchmarks import environment
from benchmarks.pages import public_page

EXAMPLE = environment.ROOT / "deploy" / "nginx.conf"
PORTS = {"tls": 18443, "plain": 18080, "file": 18081}


@pytest.fixture
def written(tmp_path):
    """The whole configuration that `./run bench read` makes of the example."""
    return public_page.whole_file(tmp_path, 18000, **PORTS)


def test_what_is_to_be_changed_is_there_to_be_changed(written):
    said = written.read_text() + (written.parent / "site.conf").read_text()
    assert "server 127.0.0.1:18000;" in said
    assert "/etc/ssl/bulletins" not in said and "/srv/bulletins" not in said


def test_nginx_takes_it_where_there_is_nginx(written, tmp_path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
    if nginx is not None and shutil.which("openssl"):
        public_page.make_certificate(tmp_path)
        checked = subprocess.run(
            [nginx, "-t", "-c", written, "-e", tmp_path / "error.log"], capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr


def test_it_never_shows_what_only_the_application_may_show():
    rules = [line.strip() for line in EXAMPLE.read_text().splitlines() if not line.strip().startswith("#")]
    assert not [rule for rule in rules if rule.startswith(("proxy_cache_use_stale", "proxy_cache_valid"))]
    assert "access_log off;" in rules
