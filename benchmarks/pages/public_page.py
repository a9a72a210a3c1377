"""A public page that everyone reads at once, by itself and behind nginx; and how soon a correction of it is seen."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import environment as benchmarks_environment
from benchmarks.programs import program
from operations import process_supervisor
from tests.support.page_readers import Reader, one_for_each, seconds_until_all_see

CONNECTIONS = 64
SECONDS = 3
ROUNDS = 7  # of each in turn, so that whatever else the machine does meets all of them
CORRECTIONS = 12
READERS = 8
HOST = "bulletins.example.org"  # the one in deploy/nginx.conf


def read() -> dict[str, Any]:
    """
    Load a bulletin's page, and that of a card's code, with 64 connections for some seconds, beside the same bytes from memory by the same server (in a
    Django view without middleware, and without Django); then behind the nginx of deploy/nginx.conf, beside the same
    bytes as a file. Then correct it again and again, while connections to each process watch.
    """
    from django.conf import settings
    from django.core.management import call_command

    programs = {name: program(name) for name in ("wrk", "nginx", "openssl")}
    call_command("collectstatic", interactive=False, verbosity=0)
    version = build()
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reading-")))
        folder.chmod(0o755)  # nginx's processes are someone else's
        processes = settings.WEB_PROCESSES
        port = process_supervisor.free_port(8800)
        site = f"127.0.0.1:{port}"
        path, code = f"/fi/bulletins/{version.bulletin.number}/", f"/fi/c/{code_of(version)}/"
        with benchmarks_environment.web_server(port, processes, PUBLIC_URL=f"http://{site}") as pid:
            page = watching(pid, port, path, site)[0].read()[1]
            (folder / "page.html").write_bytes(page)
            with limit_server("application", folder) as limit, limit_server("bare", folder) as bare:
                asked = {"page": (port, path), "code": (port, code), "limit": (limit, path), "bare": (bare, path)}
                figures: dict[str, list[dict[str, float]]] = {name: [] for name in asked}
                for _round in range(ROUNDS):
                    for name, (one, address) in asked.items():
                        figures[name].append(wrk(f"http://127.0.0.1:{one}{address}"))
            rss = sum(benchmarks_environment.peak_mb(child) for child in benchmarks_environment.children(pid))
            by_process = corrections(version, watching(pid, port, path, site))
        page_, code_, limit_, bare_ = (usual(figures[name]) for name in asked)
        behind = behind_nginx(folder, version, path)
        return {
            "seconds": round(time.monotonic() - began, 1),
            "connections": CONNECTIONS,
            "processes": processes,
            "bytes": len(page),
            "ratio": ratio(figures["page"], figures["limit"]),
            **page_,
            "code_ratio": ratio(figures["code"], figures["page"]),
            **{f"code_{name}": value for name, value in code_.items()},
            **{f"limit_{name}": value for name, value in limit_.items()},
            **{f"bare_{name}": value for name, value in bare_.items()},
            "rss_mb": round(rss, 1),
            **behind,
            "correction_ms": by_process,
            "nginx": subprocess.run([programs["nginx"], "-v"], capture_output=True, text=True).stderr.strip(),
        }


# --- What is read -------------------------------------------------------------------------------------


def code_of(version: Any) -> str:
    """Return the code of a published key message."""
    from bulletins.media import message_cards
    from campaigns.cards import check_codes

    bulletin = version.bulletin
    said = [spec.statement for spec in message_cards.specs_of(bulletin)]
    return next(
        iter(
            check_codes.give(
                bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, said, at=version.published_at
            ).values()
        )
    )


def build() -> Any:
    """Publish a dozen bulletins and return the version that is read."""
    from django.utils import timezone

    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    builders.build_bulletins(12, campaign, at=now - timedelta(hours=1))
    return builders.build_published_version(campaign, at=now - timedelta(minutes=1))


def correct(version: Any, words: str) -> None:
    """Publish a correction whose page says `words`."""
    from django.utils import timezone

    from bulletins.publication import corrections
    from tests.support import builders

    bulletin = version.bulletin
    bulletin.refresh_from_db()
    now = timezone.now()
    corrections.start_correction(bulletin, by=builders.editor(), at=now, what_changed=builders.in_all(en=words))
    builders.published(bulletin, at=now)


def watching(pid: int, port: int, path: str, host: str, **headers: str) -> list[Reader]:
    """
    Return connections to each process of the web server `pid`, which have all made the page by now. One that is idle
    for half a minute is cut by the server.
    """
    from django.conf import settings

    pids = benchmarks_environment.children(pid)[-settings.WEB_PROCESSES :]
    readers = one_for_each(pids, port, path, host, at_least=READERS, headers=headers)
    for one in readers * 3:
        one.read()
    return readers


def corrections(version: Any, readers: list[Reader]) -> dict[str, Any]:
    """
    Correct the bulletin again and again while these read its page without a pause; return how long after the commit the
    last of them still got the old one (ms), the worst of all times.
    """
    took = []
    for number in range(CORRECTIONS):
        time.sleep(0.137 * number % 1)  # at any part of a second
        words = f"mended-{readers[0].local_port}-{number}"
        took.append(seconds_until_all_see(readers, words, partial(correct, version, words)))
    for one in readers:
        one.close()
    return {
        "max": round(max(took) * 1000, 1),
        "median": round(sorted(took)[len(took) // 2] * 1000, 1),
        "corrections": CORRECTIONS,
        "connections": len(readers),
    }


# --- Servers ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def limit_server(name: str, folder: Path) -> Iterator[int]:
    """Start the same server with what costs nothing (benchmarks/pages/bare_server.py); yield its port."""
    from django.conf import settings

    port = process_supervisor.free_port(8900)
    page = str(folder / "page.html")
    with benchmarks_environment.web_server(
        port, settings.WEB_PROCESSES, f"benchmarks.pages.bare_server:{name}", BENCH_PAGE=page
    ):
        yield port


def wrk(url: str, *, host: str = "") -> dict[str, float]:
    """Load an address with 64 connections; return requests a second and latencies."""
    words = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}",
        "--latency",
        *(["-H", f"Host: {host}"] if host else []),
        url,
    ]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", said)
    if wrong:
        raise SystemExit(f"Not measured: {url} was answered wrongly. {wrong[0]}")
    rps = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rps, said
    return {"rps": round(float(rps[1])), "p50_ms": latency(said, "50%"), "p99_ms": latency(said, "99%")}


def latency(said: str, share: str) -> float:
    """Return a latency that wrk wrote, in milliseconds."""
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return round(float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]], 2)


def ratio(runs: list[dict[str, float]], limits: list[dict[str, float]], *, of: str = "rps") -> float:
    """Return the median of how each run compares with the run of the limit beside it, in requests a second or another figure."""
    return round(median(run[of] / limit[of] for run, limit in zip(runs, limits, strict=True)), 2)


def usual(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: round(median(run[name] for run in runs), 2) for name in runs[0]}


# --- nginx --------------------------------------------------------------------------------------------


def behind_nginx(folder: Path, version: Any, path: str) -> dict[str, Any]:
    """
    Load the page behind nginx, with TLS and without, beside the page as a file, and compare by the clock and by nginx's own
    processor time; then watch corrections through it.
    """
    from django.conf import settings

    web = process_supervisor.free_port(8950)
    ports = {
        name: process_supervisor.free_port(first) for name, first in (("tls", 9000), ("plain", 9100), ("file", 9200))
    }
    environment = {"PUBLIC_URL": f"https://{HOST}", "ALLOWED_HOSTS": HOST, "PROXIES": "1"}
    with (
        benchmarks_environment.web_server(web, settings.WEB_PROCESSES, **environment) as pid,
        nginx(folder, web, **ports) as server,
    ):
        shown = watching(pid, web, path, HOST, **{"X-Forwarded-Proto": "https"})[0].read()[1]
        (folder / "page.html").write_bytes(shown)  # its links name the host, so it is longer than by itself
        figures: dict[str, list[dict[str, float]]] = {name: [] for name in ("tls", "tls_file", "plain", "plain_file")}
        urls = {
            "tls": f"https://127.0.0.1:{ports['tls']}{path}",
            "tls_file": f"https://127.0.0.1:{ports['tls']}/page.html",
            "plain": f"http://127.0.0.1:{ports['plain']}{path}",
            "plain_file": f"http://127.0.0.1:{ports['plain']}/page.html",
        }
        for number in range(ROUNDS):
            for name, url in list(urls.items())[:: 1 if number % 2 else -1]:  # whatever comes first is a little slower
                before = processor_seconds(server)
                run = wrk(url, host=HOST)
                used = processor_seconds(server) - before
                figures[name].append({**run, "cpu_us": 1_000_000 * used / (run["rps"] * SECONDS)})
        found = {name: usual(runs) for name, runs in figures.items()}
        seen = corrections(version, [Reader(ports["tls"], path, HOST, tls=True) for _number in range(READERS)])
    return {
        "nginx_ratio": ratio(figures["plain"], figures["plain_file"]),
        "nginx_tls_ratio": ratio(figures["tls"], figures["tls_file"]),
        "nginx_cpu_ratio": ratio(figures["plain_file"], figures["plain"], of="cpu_us"),
        "nginx_tls_cpu_ratio": ratio(figures["tls_file"], figures["tls"], of="cpu_us"),
        **{f"nginx_{name}": figure for name, figure in found.items()},
        "nginx_correction_ms": seen,
    }


def site_file(folder: Path, web: int, *, tls: int, plain: int, file: int) -> str:
    """
    Return deploy/nginx.conf for this machine: other ports and paths, the same page as a file beside it, and a port
    without TLS.
    """
    static = Path(os.environ["DATA_DIR"]) / "static"
    said = (benchmarks_environment.ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{file};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl; listen 127.0.0.1:{plain};"),
        ("listen [::]:443 ssl;", ""),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{web};"),
        ("/etc/ssl/bulletins/", f"{folder}/"),
        ("/var/cache/nginx/bulletins", f"{folder}/cache"),
        ("/srv/bulletins/static/", f"{static}/"),
        ("X-Forwarded-Proto $scheme;", "X-Forwarded-Proto https;"),
        ("    location / {\n", f"    location = /page.html {{ root {folder}; }}\n    location / {{\n"),
    ):
        assert before in said, before
        said = said.replace(before, after)
    return said


def whole_file(folder: Path, web: int, **ports: int) -> Path:
    """Write what nginx needs around the example, and return the path of it."""
    (folder / "site.conf").write_text(site_file(folder, web, **ports))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"worker_processes auto;\ndaemon off;\npid {folder}/nginx.pid;\nevents {{ worker_connections 4096; }}\n"
        f"http {{\nsendfile on;\ntcp_nopush on;\ndefault_type text/html;\n{temporary}include {folder}/site.conf;\n}}\n"
    )
    return whole


@contextlib.contextmanager
def nginx(folder: Path, web: int, **ports: int) -> Iterator[int]:
    """Run nginx with the shipped example before the web server on the port `web`; yield its process id."""
    make_certificate(folder)
    whole = whole_file(folder, web, **ports)
    words = [program("nginx"), "-c", str(whole), "-e", str(folder / "error.log")]
    checked = subprocess.run([*words, "-t"], capture_output=True, text=True)
    if checked.returncode:
        raise SystemExit(f"Not measured: nginx refuses deploy/nginx.conf.\n{checked.stderr}")
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + benchmarks_environment.READY_SECONDS
        while not process_supervisor.is_ready(process_supervisor.port_answers(ports["tls"])):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("Not measured: nginx did not start.")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def processor_seconds(server: int) -> float:
    """Return how much of a processor the processes of nginx have used so far, to which others on the machine add little."""
    words = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        for pid in benchmarks_environment.children(server)
    ]
    return sum(int(one[11]) + int(one[12]) for one in words) / os.sysconf("SC_CLK_TCK")


def make_certificate(folder: Path) -> None:
    """Write a certificate that nobody signed, for a day."""
    subprocess.run(
        [
            *(
                program("openssl"),
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem"), "-days", "1"),
            *("-subj", f"/CN={HOST}"),
        ],
        capture_output=True,
        check=True,
    )
