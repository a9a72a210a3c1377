"""Whatever leaves for the network leaves through one door, and what does not is named here with its reason."""

import ast
from collections.abc import Iterator

from django.conf import settings

from . import PACKAGES, modules_that_say

NETWORK = (
    *("aiohttp", "asyncio", "boto3", "dns", "ftplib", "http.client", "httpx", "imaplib", "poplib", "pycurl"),
    *("playwright", "requests", "selenium", "sentry_sdk", "smtplib", "socket", "ssl", "subprocess", "telnetlib"),
    *("urllib.request", "urllib3", "weasyprint", "websocket", "websockets", "xmlrpc"),
)
OPERATORS = "only to hosts that the operator's settings name"
SAME_MACHINE = "only to processes of this machine"
NO_CONNECTION = "names errors or looks something up, and opens nothing"
ALLOWED = {
    "lib/http/safe_fetch.py": "the door itself",
    "lib/http/kept_connections.py": "the door, kept open: it connects by safe_fetch",
    "accounts/login/oidc.py": NO_CONNECTION,
    "accounts/login/code_mails.py": NO_CONNECTION,
    "notifications/webhook.py": f"the notification hook: {OPERATORS}, and no redirects",
    "config/tasks.py": NO_CONNECTION,
    "delivery/transports/mail/smtp.py": f"relays: {OPERATORS}",
    "delivery/transports/mail/django_backend.py": NO_CONNECTION,
    "delivery/transports/mail/esp_faults.py": NO_CONNECTION,
    "delivery/heartbeat.py": NO_CONNECTION,
    "delivery/single_mails/hand_over.py": NO_CONNECTION,
    "delivery/preflight/relay.py": f"relays: {OPERATORS}",
    "delivery/preflight/examination.py": f"DNS: {OPERATORS}, or this machine's",
    "delivery/preflight/dns.py": f"DNS: {OPERATORS}, or this machine's",
    "operations/doctor.py": f"relays and providers: {OPERATORS}",
    "operations/process_supervisor.py": SAME_MACHINE,
    "operations/hosts/signs_of_life.py": NO_CONNECTION,
    "demo/mail_catcher.py": SAME_MACHINE,
    "demo/browser.py": SAME_MACHINE,
    "operations/logs/sentry.py": f"reports of errors: {OPERATORS}",
}


def read(*words: str) -> dict[str, ast.Module]:
    """Return every file of the apps in which one of the words stands, read."""
    paths = (path for package in PACKAGES for path in sorted((settings.BASE_DIR / package).rglob("*.py")))
    return {str(path.relative_to(settings.BASE_DIR)): tree for path, tree in modules_that_say(words, paths)}


def imported(tree: ast.Module) -> Iterator[str]:
    """Give every name that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def reaching() -> dict[str, set[str]]:
    """Return the files that import what can reach the network, with what."""
    found = {}
    for path, tree in read(*{one.partition(".")[0] for one in NETWORK}).items():
        names = list(imported(tree))
        hit = {one for one in NETWORK for name in names if name == one or name.startswith(f"{one}.")}
        if hit:
            found[path] = hit
    return found


def test_nothing_reaches_the_network_but_through_the_door_and_what_is_listed():
    found = reaching()
    only_programs = {path for path, hit in found.items() if hit == {"subprocess"}}
    assert {path: hit for path, hit in found.items() if path not in ALLOWED.keys() | only_programs} == {}, (
        "Use lib.http.safe_fetch, or say in ALLOWED where else it may go and why that is safe."
    )


def test_nothing_is_listed_that_reaches_nothing():
    assert ALLOWED.keys() - reaching().keys() == set()


def test_no_program_is_run_by_a_shell():
    shells = []
    for path, tree in read("shell", "popen", "system").items():
        for node in ast.walk(tree):
            by_shell = isinstance(node, ast.Call) and any(word.arg == "shell" for word in node.keywords)
            if by_shell or (isinstance(node, ast.Attribute) and node.attr in {"popen", "system"}):
                shells.append(path)
    assert shells == []
