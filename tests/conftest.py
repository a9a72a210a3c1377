"""
What every test may ask for. The environment is set here, before the settings are read: nobody's own
database, broker, mail server or files are ever used.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

# --- The environment -------------------------------------------------------------------------------

OWN_FOLDER = "TEST_FOLDER" not in os.environ
if OWN_FOLDER:
    os.environ["TEST_FOLDER"] = tempfile.mkdtemp(prefix="tests-")
FOLDER = Path(os.environ["TEST_FOLDER"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
STRICT = os.environ.get("TEST_STRICT") == "1"

OF_THE_SETTINGS = (
    "ALLOWED_HOSTS", "ASSET_MAX_MB", "BACKUP_MAIL_URL", "BOUNCE_ADDRESS", "DATABASE_URL", "DEBUG", "DKIM_SELECTORS",
    "DNS_SERVERS",
    "EMBEDDER", "EXERCISE_MAIL_URL", "FETCH_ALLOW", "INVITATIONS_ALONE", "LOG_FORMAT", "LOG_LEVEL", "MAIL_FROM", "MAIL_URL", "MEDIA_STORAGE_URL", "METRICS_TOKEN", "NLI_MODEL", "NOTIFY_SECRET", "NOTIFY_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER", "OIDC_NAME", "OIDC_SECOND_FACTOR", "PREFLIGHT", "PROXIES", "PUBLIC_URL", "REDIS_PREFIX", "REDIS_URL",
    "SECOND_FACTOR", "SECRET_KEY_FALLBACKS", "SECURITY_CONTACT", "SENDING_HOSTS", "SEND_CHUNK", "SEND_CONNECTIONS", "SENTRY_DSN", "SENTRY_ENVIRONMENT", "STAFF_IDLE_MINUTES", "SUPPRESSION_KEY",
    "SPEECH_MODELS", "TICK_SECONDS", "TRANSLATION_MODELS", "TRANSPORT", "WEBHOOK_KEYS", "WEBHOOK_SECRETS", "WEBSUB_HUB",
)  # fmt: skip
for name in [*OF_THE_SETTINGS, *(name for name in os.environ if name.startswith("ANYMAIL_"))]:
    os.environ.pop(name, None)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": os.devnull,
    "DATA_DIR": str(FOLDER / WORKER),
    "SECRET_KEY": "a key for tests only, long enough for every check of its length",
    "LOG_LEVEL": "WARNING",
    "DICTIONARIES": "none",  # the same on machines with and without; tests of them say where they are
    "PREFLIGHT": "false",  # nobody's real DNS is asked
    "CORRECTION_HEAD_START_SECONDS": "0",  # clocks that stand still would wait for ever
    "SEND_CONNECTIONS": "1",  # on a busy machine the sink may seem slow, and a second connection is worth it
    "REDIS_PREFIX": f"test-{WORKER}",
    "HYPOTHESIS_STORAGE_DIRECTORY": str(FOLDER / "hypothesis"),
}
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
if os.environ.get("TEST_REDIS_URL"):
    # A database of each worker's own: clearing Django's cache empties it, and what others count and queue with it.
    number = "0" if WORKER == "main" else WORKER.removeprefix("gw")
    os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_URL'].rpartition('/')[0]}/{number}"
ON_POSTGRESQL = "DATABASE_URL" in os.environ
IN_TWO_HALVES = os.environ.get("TEST_HALVES") == "2"

from .support import halves, migrated_database, system_parts  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Point Django at a database file of this worker's own, and at plain static files."""
    from django.conf import settings

    (FOLDER / WORKER / "static").mkdir(parents=True, exist_ok=True)
    if not ON_POSTGRESQL:
        # A file, not memory: threads and processes of a test see the same database.
        database = settings.DATABASES["default"]
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # a power cut may take these
        database["NAME"] = str(FOLDER / WORKER / "test.sqlite3")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    if getattr(config.option, "numprocesses", None):
        # The workers inherit this environment, and with the name in it they would read the settings before the
        # lines above give each its own folder and Redis prefix.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    from django.test import TransactionTestCase

    from .support import table_cleaner

    TransactionTestCase._fixture_teardown = table_cleaner.empty  # type: ignore[method-assign,attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests wrote."""
    if OWN_FOLDER and not hasattr(config, "workerinput"):
        shutil.rmtree(FOLDER, ignore_errors=True)


# --- What runs where ---------------------------------------------------------------------------------

LEFT_OUT = "left out: "
# What these ask of pages does not depend on the database, which the walk through every page opens on SQLite.
PAGES = (
    "tests/desk/",
    "tests/attacks/",
    "tests/influencers/portal/",
    "tests/website/api/",
    "tests/website/feeds/",
    "tests/website/pages/",
    "tests/website/subscription_pages/",
)
PAGE_MODULES = {"test_feeds.py", "test_pages.py", "test_views.py"}


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what asks pages, by its folder or its module's name."""
    if item.nodeid.startswith(PAGES) or item.path.name in PAGE_MODULES:
        item.add_marker("pages")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests to the database that they are for, and say which ones lack a part of the system."""
    if careless := [item.nodeid for item in items if asks_for_tables_by_chance(item)]:
        raise pytest.UsageError(f"No tables are made for these when they run alone; ask for db: {', '.join(careless)}")
    here = "postgresql" if ON_POSTGRESQL else "sqlite"
    staying = {item for item in items if half_of(item) not in {here, None}}
    if staying:
        config.hook.pytest_deselected(items=[item for item in items if item in staying])
        items[:] = [item for item in items if item not in staying]
    if IN_TWO_HALVES:
        once = [item.nodeid for item in items if half_of(item) and not item.get_closest_marker(here)]
        FOLDER.joinpath("once.json").write_text(json.dumps(once))
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = longest_first(items, workers)
    missing = {part.name: part for part in system_parts.missing_parts()}
    for item in items:
        part = next((missing[name] for name in needs(item) if name in missing), None)
        if part is not None and STRICT:
            item.add_marker(pytest.mark.usefixtures("fail_for_a_missing_part"))
        elif part is not None:
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT + system_parts.how_to_get(part)))


def pytest_collection(session: pytest.Session) -> None:
    """
    Each worker begins with modules of its own. In a fresh clone pytest compiles every module with its assertions spelt out,
    which takes twice as long as all else of a start, and keeps that for the others.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    if workers and session.config.args == session.config.getini("testpaths"):
        for path in sorted(Path(__file__).parent.rglob("test_*.py"))[int(WORKER.removeprefix("gw")) :: workers]:
            with contextlib.suppress(Exception):  # it is told when the module is collected
                importlib.import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_sessionstart() -> None:
    """
    Hypothesis draws one value in twenty from the constants of our own code, which it reads anew in each worker: a third of the time
    that collecting takes. What our tests draw names the values that matter itself.
    """
    from hypothesis.internal.conjecture import providers

    providers._get_local_constants = lambda: providers._local_constants


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """
    What was imported and collected stays to the end: the garbage collector need not look through it again and again. What a
    test makes goes by itself for the most part.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def half_of(item: pytest.Item) -> str | None:
    """
    Tell which half of a run a test is for, None for both.

    In a run of both halves a way through the whole, a fault of docs/reliability.md, what is asked of pages, and rules that
    leave all SQL to the ORM have their turn on PostgreSQL and Redis as in production; how pages look, and what touches nothing
    that differs between the halves, on SQLite. Both have what goes on side by side, and what tests/support/halves.py names.
    """
    for name in ("sqlite", "postgresql"):
        if item.get_closest_marker(name):
            return name
    if not IN_TWO_HALVES:
        return None
    if item.get_closest_marker("looks") or touches_nothing(item):
        return "sqlite"
    if item.get_closest_marker("journey") or any(mark.args for mark in item.iter_markers("fault")):
        return "postgresql"
    if item.get_closest_marker("both"):
        return None
    if item.get_closest_marker("pages"):
        return "postgresql"
    return None if happens_side_by_side(item) or item.nodeid.startswith(halves.ON_BOTH) else "postgresql"


def happens_side_by_side(item: pytest.Item) -> bool:
    """Return whether a test is of threads, processes or servers, which see only what is committed, and wait for each other's locks."""
    own = {"transactional_db", "live_server", "browser", "net", "own_redis", "own_postgresql", "own_database"}
    database = item.get_closest_marker("django_db")
    commits = database is not None and bool(database.kwargs.get("transaction"))
    return commits or bool(item.get_closest_marker("fault")) or bool(own & set(getattr(item, "fixturenames", ())))


def touches_nothing(item: pytest.Item) -> bool:
    """
    Return whether a test uses nothing that differs between the halves.

    pytest-django refuses the database to whoever does not ask for it; cache and broker are refused by `_no_sharing`.
    """
    shared = {"db", "transactional_db", "live_server", "own_redis", "own_postgresql", "own_database", "browser", "net"}
    marks = ("django_db", "fault", "journey", "both", "sqlite", "postgresql")
    return not shared & set(getattr(item, "fixturenames", ())) and not any(map(item.get_closest_marker, marks))


def measures_time(item: pytest.Item) -> bool:
    """
    Return whether a test is of a fault in threads or processes. Others, whose rows are never committed, move the clock
    only.
    """
    database = item.get_closest_marker("django_db")
    uncommitted = database is not None and not database.kwargs.get("transaction")
    shared = {"transactional_db", "live_server", "own_redis", "own_postgresql"} & set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("fault")) and not (uncommitted and not shared)


def asks_for_tables_by_chance(item: pytest.Item) -> bool:
    """Return whether a test wants the tables ready, but pytest-django makes them only for others in the same run."""
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = {"db", "transactional_db", "live_server"} & fixtures or item.get_closest_marker("django_db")
    return "django_db_setup" in fixtures and not asks


def longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """
    Return the tests in an order that ends with short ones: each worker gets an equal share in a row.

    The faults, which wait for each other, begin the first worker's share, what else is slow the next one's, and the journeys
    the last one's. A worker that is done takes from the end of another's share.
    """
    long: dict[str, list[pytest.Item]] = {"fault": [], "slow": [], "journey": []}
    rest: list[pytest.Item] = []
    for item in items:
        mark = next((mark for mark in ("fault", "journey", "slow") if item.get_closest_marker(mark)), "")
        mark = "slow" if mark == "fault" and not measures_time(item) else mark
        long.get(mark, rest).append(item)
    long["journey"].sort(key=lambda item: not item.get_closest_marker("slow"))
    found = long["fault"]
    for place, mark in ((1, "slow"), (workers - 1, "journey")):
        short = max(0, len(items) * place // workers - len(found))
        found, rest = [*found, *rest[:short], *long[mark]], rest[short:]
    return [*found, *rest]


def needs(item: pytest.Item) -> set[str]:
    """Return the parts of the system that a test cannot do without."""
    fixtures = set(getattr(item, "fixturenames", ()))
    parts = {
        "own_redis": "Redis",
        "own_postgresql": "PostgreSQL",
        "browser": "Chromium",
        "net": "iproute2",
        "pooler": "PgBouncer",
        "real_ffmpeg": "FFmpeg",
        "real_dictionaries": "dictionaries",
    }
    found = {part for fixture, part in parts.items() if fixture in fixtures}
    return found | ({"Chromium"} if item.get_closest_marker("journey") else set())


@pytest.fixture
def fail_for_a_missing_part() -> None:
    """Fail: in a strict run nothing is left out."""
    pytest.fail("; ".join(system_parts.how_to_get(part) for part in system_parts.missing_parts()), pytrace=False)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Name every test that did not run, loudly."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"{len(skipped)} TESTS WERE LEFT OUT", sep="!", red=True, bold=True)
    for line in left_out(skipped):
        terminalreporter.write_line(line)
    if STRICT:
        terminalreporter.write_line("This is a strict run: a test that is left out is a failure.", red=True, bold=True)


def left_out(skipped: list[Any]) -> list[str]:
    """Return a line with name and reason for each test that was skipped."""
    reasons = [report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr for report in skipped]
    return [
        f"{report.nodeid}: {str(why).removeprefix('Skipped: ').removeprefix(LEFT_OUT)}"
        for report, why in zip(skipped, reasons, strict=True)
    ]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Leave the counts for tests/runner/runs.py, and fail a strict run that left a test out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not OWN_FOLDER:
        outcomes = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
        counts = {name: len(reporter.stats[name]) for name in outcomes if reporter.stats.get(name)}
        failed = {report.nodeid for name in ("failed", "error") for report in reporter.stats.get(name, [])}
        skipped = left_out(reporter.stats.get("skipped", []))
        told = {"counts": counts, "left_out": skipped, "failed": sorted(failed)}
        FOLDER.joinpath("told.json").write_text(json.dumps(told))
    if STRICT and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _one_fault_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Faults in threads and processes measure time, so they wait for each other, whichever worker they are on."""
    if not measures_time(request.node):
        yield
        return
    with (FOLDER / "one-fault-at-a-time").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def _no_sharing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse cache and broker to a test that runs on SQLite only as it uses neither: they are Redis in the other half."""
    if not IN_TWO_HALVES or request.node.get_closest_marker("looks") or not touches_nothing(request.node):
        return
    from django.core.cache.backends import locmem
    from django.core.cache.backends.base import BaseCache
    from kombu import Connection, Producer

    key_of = BaseCache.make_and_validate_key

    def refuse(*unused: Any, **named: Any) -> None:
        pytest.fail("It uses the cache or the broker: mark it with pytest.mark.both, and it runs on Redis too.")

    def refuse_shared(self: BaseCache, *given: Any, **named: Any) -> Any:
        # Parts of pages are kept in the process, whatever the others are kept in.
        if getattr(self, "_cache", None) is locmem._caches.get("page_parts"):  # type: ignore[attr-defined]
            return key_of(self, *given, **named)
        return refuse()

    monkeypatch.setattr(BaseCache, "make_and_validate_key", refuse_shared)
    monkeypatch.setattr(Connection, "channel", refuse)
    monkeypatch.setattr(Producer, "publish", refuse)


@pytest.fixture(autouse=True)
def _no_language_zone_clock_or_page_left_over() -> Iterator[None]:
    """
    A request leaves its language active in the thread; the next test starts in English and UTC. Whoever asks the database for
    the time goes by it from then on; the next test may have a time of its own, and other rows under the same keys.
    """
    from django.core.cache import caches
    from django.utils import timezone, translation

    from lib import clock

    yield
    translation.deactivate()
    timezone.deactivate()
    clock._asked = None
    caches["page_parts"].clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """On PostgreSQL a test's rows leave traces when they have gone; the next test's plans begin anew."""
    yield
    if ON_POSTGRESQL and "django_db_setup" in getattr(item, "fixturenames", ()):
        from pytest_django.plugin import blocking_manager_key

        from .support import table_cleaner

        with item.config.stash[blocking_manager_key].unblock():
            table_cleaner.renew()


# --- Time ----------------------------------------------------------------------------------------------

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def noon() -> datetime:
    """Wednesday 25 March 2026, 12:00 in Helsinki (10:00 UTC); the clocks change on the 29th."""
    return datetime(2026, 3, 25, 12, tzinfo=HELSINKI)


@pytest.fixture
def held_up() -> Iterator[Callable[[], float]]:
    """Return what tells for how many seconds a busy machine may have held up what this test waits for."""
    from tests.support.metronome import Metronome

    with Metronome() as metronome:
        yield metronome.held_up


# --- People and their campaign ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> None:
    """Begin with a copy of the tables that are kept (tests/support/migrated_database.py); nothing is migrated, and the roles are in it."""
    from django.db import connection

    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            migrated_database.copy_file(Path(connection.settings_dict["NAME"]))
            assert connection.features.supports_json_field  # asks once, here rather than where queries are counted
        else:
            migrated_database.copy_database(f"test_{WORKER}")
            connection.settings_dict["NAME"] = f"test_{WORKER}"


@pytest.fixture
def roles(db: None) -> None:
    """The table of roles in the database; anew if a test has changed it for good."""
    from django.contrib.auth.models import Group

    from accounts.access import permissions

    if Group.permissions.through.objects.count() != sum(map(len, permissions.PERMISSIONS.values())):
        permissions.sync()


@pytest.fixture
def real_ffmpeg() -> None:
    """A test that asks for this runs FFmpeg; it is left out where there is none."""


@pytest.fixture
def real_dictionaries(settings: Any) -> Iterator[None]:
    """A test that asks for this has Voikko and Debian's dictionaries; it is left out where they are not installed."""
    from bulletins.editing.translation import glossary

    settings.DICTIONARIES = "/usr/share/hunspell"
    glossary._holds.cache_clear()
    yield
    glossary._holds.cache_clear()


@pytest.fixture
def campaign(db: None) -> Any:
    """An exercise in Finnish, Swedish and English."""
    from tests.support.builders import build_campaign

    return build_campaign()


@pytest.fixture
def authority(db: None) -> Any:
    """A ministry that gives message input."""
    from tests.support.builders import build_authority

    return build_authority()


@pytest.fixture
def alma(roles: None) -> Any:
    """An editor."""
    return _person("alma", "editor")


@pytest.fixture
def veikko(roles: None) -> Any:
    """A second editor."""
    return _person("veikko", "editor")


@pytest.fixture
def oskar(roles: None) -> Any:
    """An approver."""
    return _person("oskar", "approver")


@pytest.fixture
def fiona(roles: None) -> Any:
    """A fact-checker."""
    return _person("fiona", "fact-checker")


@pytest.fixture
def liisa(roles: None) -> Any:
    """The influencers' liaison."""
    return _person("liisa", "liaison")


@pytest.fixture
def root(roles: None) -> Any:
    """An administrator by role, not a superuser."""
    return _person("root", "admin")


@pytest.fixture
def minna(roles: None, authority: Any) -> Any:
    """A contributor of `authority`."""
    from campaigns.models import AuthorityMember

    user = _person("minna", "contributor")
    AuthorityMember.objects.create(authority=authority, user=user)
    return user


@pytest.fixture
def ines(roles: None, campaign: Any) -> Any:
    """An influencer of `campaign` with a login for the portal."""
    from tests.support.builders import build_influencer

    return build_influencer(campaign, "ines").user


def _person(name: str, role: str) -> Any:
    from tests.support.builders import build_user

    return build_user(name, role)


@pytest.fixture(autouse=True)
def _logged_in_just_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A test client's login leaves what a person's leaves who has just proved twice who they are. It is written once, where Django's
    writes its session twice, and each addition once more.
    """
    from django.test import Client
    from django.utils import timezone

    from accounts.sessions import activity
    from accounts.sessions.store import SessionStore
    from tests.accounts.login.login_proofs import note_proofs

    force_login = Client.force_login

    def log_in(client: Client, user: Any, backend: str | None = None) -> None:
        unwritten: list[Any] = []

        def keep(session: Any, must_create: bool = False) -> None:
            session._session_key = session.session_key or session._get_new_session_key()
            unwritten.append(session)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SessionStore, "save", keep)
            force_login(client, user, backend)
        session, agent = unwritten[-1], str(client.defaults.get("HTTP_USER_AGENT", ""))
        note_proofs(session, user, "code", "totp")
        place = str(client.defaults.get("REMOTE_ADDR", "127.0.0.1"))
        activity.begin(session, user, device=agent, place=place, at=timezone.now())
        session.save(must_create=not session.exists(session.session_key))

    monkeypatch.setattr(Client, "force_login", log_in)


@pytest.fixture
def signed_in(db: None) -> Callable[[Any], Any]:
    """Return a function that gives a test client of its own for a user."""
    from django.test import Client

    def client_for(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_for


@pytest.fixture
def desk_at_noon(monkeypatch: pytest.MonkeyPatch, noon: datetime) -> None:
    """
    It is noon at the desk: its pages and the steps taken there ask the clock. What is the same for all viewers is made for each. So a
    page costs the same on a machine that is so busy that seconds pass between two requests.
    """
    from django.utils import timezone

    from config.desk import shared_parts

    monkeypatch.setattr(timezone, "now", lambda: noon)
    monkeypatch.setattr(shared_parts, "FRESH", 0)


# --- Mail --------------------------------------------------------------------------------------------------


@pytest.fixture
def own_buckets(settings: Any) -> None:
    """Token buckets that no other test has taken from."""
    settings.REDIS_PREFIX = f"test-{uuid.uuid4().hex}"


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[Any]:
    """A real SMTP server that both mailers, exercise and live, send to. See tests/support/providers/smtp_server.py."""
    from delivery.transports import pool
    from tests.support.providers.smtp_server import SmtpSink

    pool.forget()  # it is another server
    with SmtpSink() as sink:
        backend = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAILERS = {
            name: {"BACKEND": backend, "OPTIONS": dict(sink.options)} for name in ("default", "exercise")
        }
        settings.MAIL = settings.EXERCISE_MAIL = dict(sink.options)
        yield sink


@pytest.fixture
def windows_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets a window have so many mails, however fast they leave."""
    from delivery.sending import worker

    def fix(size: int) -> None:
        monkeypatch.setattr(worker, "FIRST_WINDOW", size)
        monkeypatch.setattr(worker, "mails_within", lambda *about: size)

    return fix


# --- Real processes ------------------------------------------------------------------------------------------


@pytest.fixture
def process_env(transactional_db: None, settings: Any) -> dict[str, str]:
    """
    Return the environment for a child process that works on this test's database, broker and mail sink.

    Ask for `smtp_sink` before this one when the child sends mail.
    """
    from urllib.parse import quote

    from django.db import connection

    database = connection.settings_dict
    if ON_POSTGRESQL:
        url = f"postgres://{database['USER']}@{system_parts.LOOPBACK}:{database['PORT']}/{database['NAME']}"
    else:
        url = f"sqlite:///{quote(str(database['NAME']))}"
    return environment_of_children(settings) | {"DATABASE_URL": url}


def environment_of_children(settings: Any) -> dict[str, str]:
    """Return what every child process is given, but for its database."""
    mail = f"smtp://127.0.0.1:{settings.EXERCISE_MAIL['port']}"
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(FOLDER / WORKER),
        "LC_ALL": "C.UTF-8",
        "MAIL_URL": mail,
        "EXERCISE_MAIL_URL": mail,
        "PYTHONUNBUFFERED": "1",
    }
    for name in (
        "DJANGO_SETTINGS_MODULE",
        "ENV_FILE",
        "DATA_DIR",
        "SECRET_KEY",
        "PREFLIGHT",
        "CORRECTION_HEAD_START_SECONDS",
        "SEND_CONNECTIONS",
        "REDIS_PREFIX",
        "REDIS_URL",
        "PYTHONPYCACHEPREFIX",
    ):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


@pytest.fixture
def own_postgresql() -> Iterator[migrated_database.PostgreSQL]:
    """A PostgreSQL server of this test's own, which it may kill."""
    with migrated_database.PostgreSQL(durable=True) as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[system_parts.Redis]:
    """A Redis server of this test's own, which it may kill."""
    with system_parts.Redis() as server:
        yield server


# --- A real browser --------------------------------------------------------------------------------------------

BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 30_000  # milliseconds


@pytest.fixture
def live_site(live_server: Any, settings: Any, roles: None) -> str:
    """The address of the site, served for real from this test's database."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once per worker."""
    from playwright.sync_api import expect, sync_playwright

    # Playwright's loop runs in this thread, where Django would refuse its ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=system_parts.chromium_program(), args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """
    A page in a fresh browser profile, as wide as a phone, in English, and without moves and fades to wait for.

    The test fails when a page throws an error or breaks the content security policy.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    with answering():
        yield page
        context.close()
    assert not faults, "\n".join(faults)


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Leave only when every request has been answered: a page saves on leaving, and tables are emptied after a test."""
    from django.core.signals import request_finished, request_started

    open_requests = [0]
    lock = threading.Lock()

    def count(step: int) -> None:
        with lock:
            open_requests[0] += step

    def started(**unused: Any) -> None:
        count(1)

    def finished(**unused: Any) -> None:
        count(-1)

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        yield
        quiet, patience = 0, time.monotonic() + 10
        while quiet < 3 and time.monotonic() < patience:
            time.sleep(0.05)
            quiet = 0 if open_requests[0] > 0 else quiet + 1
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)


@pytest.fixture
def browse_as(page: Any, live_site: str) -> Callable[[Any], Any]:
    """Return a function that signs `page` in as a user, by a session of their own."""
    from django.conf import settings
    from django.test import Client

    def sign_in(user: Any) -> Any:
        client = Client()
        client.force_login(user)
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key or "", "url": live_site}]
        )
        return page

    return sign_in
