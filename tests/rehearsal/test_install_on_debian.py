"""
The documented installation, executed: the commands of docs/operating/install/debian.md on a bare Debian 13, to pages
over TLS, a back-up and its restore, and those of more-hosts.md to a second worker host.
"""

import http.client
import re
import shlex
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .debian import SOURCE, Host
from .pages import blocks, with_names

HOST = "bulletins.test"
NAMES = {
    "HOST": HOST,
    "MAIL_FROM": f"bulletins@{HOST}",
    "RELAY": f"smtp+tls://user:password@relay.{HOST}:587",
    "ADMIN": f"root@{HOST}",
    "SOURCE": SOURCE,
}
# What needs packages from elsewhere.
FROM_OUTSIDE = ("apt-get install", "check --deploy")

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority; beside it, one that it signed for the site."""
    folder = tmp_path_factory.mktemp("authority")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "3"]
    own = ["-subj", "/CN=Authority", "-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"]
    of_site = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-addext", "basicConstraints=CA:FALSE"]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "key.pem", "-out", "fullchain.pem"]
    for words in (own, [*of_site, *signed]):
        subprocess.run([*new, *words], check=True, cwd=folder, capture_output=True)
    return folder / "ca.pem"


@pytest.fixture(scope="module")
def site(start: Callable[[str], Host], authority: Path) -> Host:
    """A host as the Debian page leaves it, up to a look at it."""
    host = start("site")
    *until_nginx, _looking, _restoring = [heading for heading in blocks("debian.md") if heading != "Names"]
    follow(host, "debian.md", *until_nginx, names=NAMES)
    with pytest.raises(ssl.SSLCertVerificationError):
        get(host, "/", authority=authority)
    for name in ("fullchain.pem", "key.pem"):
        host.write(f"/etc/ssl/bulletins/{name}", (authority.parent / name).read_text())
    host.run(blocks("debian.md")[until_nginx[-1]][-1])  # what is to be done once the certificate is there
    wait_until_ready(host, authority=authority)
    return host


def follow(host: Host, page: str, *headings: str, names: dict[str, str]) -> str:
    """Execute the blocks below some headings of a page, each after its first one, which sets names; return what they wrote."""
    found = blocks(page)
    (first,) = found.pop("Names")
    said = []
    for heading in headings:
        for block in found[heading]:
            internet = any(words in block for words in FROM_OUTSIDE)
            began = time.monotonic()
            said.append(host.run(f"{with_names(first, names)}\n{block}", internet=internet))
            print(f"{host.name}: {heading}, {time.monotonic() - began:.0f} s", flush=True)
    return "".join(said)


def get(host: Host, path: str, *, authority: Path) -> tuple[int, str]:
    """Ask the site for a page over TLS, as somebody who trusts one authority only; return status and page."""
    context = ssl.create_default_context(cafile=authority)
    link = http.client.HTTPSConnection(HOST, context=context, timeout=20)
    link.sock = context.wrap_socket(socket.create_connection((host.address, 443), 20), server_hostname=HOST)
    link.request("GET", path)
    answer = link.getresponse()
    return answer.status, answer.read().decode()


def wait_until_ready(host: Host, *, authority: Path) -> None:
    """Wait until the site is ready, and nginx has the certificate that it was given last."""
    deadline = time.monotonic() + 120
    answer: object = None
    while answer is None or not (isinstance(answer, tuple) and answer[0] == 200):
        assert time.monotonic() < deadline, answer
        time.sleep(1)
        try:
            answer = get(host, "/health/ready", authority=authority)
        except OSError as fault:
            answer = fault


def rows(host: Host, query: str) -> str:
    """Return what a query finds in the site's database."""
    return host.run(f"runuser -u postgres -- psql -Atc {shlex.quote(query)} bulletins").strip()


def workers(host: Host) -> set[str]:
    """Return the names of all workers that answer."""
    ask = "env ENV_FILE=/etc/bulletins/bulletins.env .venv/bin/python -m celery -A config inspect ping --timeout 5"
    return set(re.findall(r"(\S+@\S+): OK", host.run(f"cd /opt/bulletins && runuser -u bulletins -- {ask}")))


def test_the_site_is_served_over_tls_and_the_doctor_finds_what_it_should(site: Host, authority: Path) -> None:
    status, page = get(site, "/en/", authority=authority)
    assert status == 200 and "<html" in page
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert style.startswith("/static/") and get(site, style, authority=authority)[0] == 200

    said = follow(site, "debian.md", "Looking", names=NAMES)
    for part in ("database", "migrations", "roles", "broker", "worker", "beat", "media", "static files"):
        assert f"\nok    {part}" in f"\n{said}", said
    assert f"https://{HOST}/en/account/first/" in said, "the administrator's link"
    failed = site.run("systemctl list-units --failed --no-legend 'bulletins*' 'nginx*' 'postgresql*' 'redis*'")
    assert failed.strip() == ""


def test_a_back_up_is_made_every_night_and_comes_back(site: Host, authority: Path) -> None:
    assert "bulletins-backup.timer" in site.run("systemctl list-timers --no-pager")
    before = rows(site, "SELECT count(*) FROM auth_group")
    said = follow(site, "debian.md", "A back-up and its restore", names=NAMES)
    assert "Restored as of" in said
    wait_until_ready(site, authority=authority)
    assert get(site, "/en/", authority=authority)[0] == 200
    assert rows(site, "SELECT count(*) FROM auth_group") == before != "0"


def test_a_second_worker_host_joins_over_tls(site: Host, start: Callable[[str], Host], authority: Path) -> None:
    second = start("second")
    names = {"FIRST": site.address, "NETWORK": f"{site.address.rpartition('.')[0]}.0/24", "SOURCE": SOURCE}
    follow(site, "more-hosts.md", "On the first host", names=names)
    packages, settings = blocks("more-hosts.md")["On a worker host"]
    first = with_names(blocks("more-hosts.md")["Names"][0], names)
    second.run(f"{first}\n{packages}", internet=True)
    for path in ("/etc/bulletins/bulletins.env", "/etc/bulletins/authority.pem"):
        second.write(path, site.path(path).read_text())
        second.run(f"chmod {'640' if path.endswith('env') else '644'} {path}")
    second.run(f"{first}\n{settings}", internet=True)

    wait_until_ready(site, authority=authority)
    wanted = {f"{queue}@{name}" for queue in ("urgent", "bulletin", "digest") for name in ("site", "second")}
    deadline = time.monotonic() + 120
    while not wanted <= (there := workers(site)):
        assert time.monotonic() < deadline, there
    using = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'bulletins' AND client_addr IS NOT NULL AND NOT ssl"
    assert rows(site, using) == "0"
