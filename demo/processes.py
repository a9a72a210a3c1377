"""
The demo's processes: a folder, its keys and ports, the catcher, the web server, the worker and the beat.

All real work is done by child processes whose environment is made here. This process's own Django settings may
belong to a real installation, so nothing here opens a database through Django.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import redis

from accounts.access.roles import STAFF
from operations import process_supervisor
from operations.backups import scratch_database
from operations.process_supervisor import Supervisor
from operations.startup_errors import Refusal

from . import running_demo
from .exercise.participants.people import CONTRIBUTOR_OF, PASSWORD, STAFF_AND_CONTRIBUTORS

ROOT = Path(__file__).resolve().parents[1]
# A worker for what people wait for, and one for what takes long: making a video holds up no login code.
QUEUES = {
    "worker": (("urgent-planning", "tick", "urgent", "bulletin", "digest"), 2),
    # Two processes, of which a film holds one at most (stories/tasks.py): 36 MB more, where a worker of its own is 200.
    "makers": (("background", "films", "upkeep"), 2),
}
DATABASE = ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "loaded")
# What belongs to a database that is gone: caught mail, the beat's clock, wake-up calls. Its uploads go before the next is loaded.
AROUND_IT = (
    *("caught.sqlite3", "caught.sqlite3-wal", "caught.sqlite3-shm"),
    *("beat", "beat.db", "beat.dat", "beat.dir", "beat.bak", "broker"),
)
Say = Callable[[str], None]


# --- Environment ------------------------------------------------------------------------------------


def forget_env_file(path: Path) -> None:
    """
    Take out of this process's environment what settings read from the file `path`.

    The demo uses a database or a Redis only when the real environment names it, never the ones of an installation.
    A variable that both give with the same value counts as the file's.
    """
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if equals and os.environ.get(name) == value.strip("'\""):
            del os.environ[name]


def keys(folder: Path) -> dict[str, str]:
    """Return the demo's secrets as environment variables; they are made once and kept in `folder`, for its owner only."""
    path = folder / "keys.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if "VAPID_PRIVATE_KEY" in kept:
        return kept
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SUPPRESSION_KEY": secrets.token_urlsafe(48),
        # Beside an installation on the same Redis, the demo keeps to keys of its own.
        "REDIS_PREFIX": f"demo-{secrets.token_hex(4)}",
        "VAPID_PRIVATE_KEY": secrets.token_urlsafe(32),
        **kept,
    }
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(made, stream)
    return made


@dataclass
class Place:
    """Where a demo runs: its folder, its ports and the environment of its processes."""

    folder: Path
    web_port: int
    smtp_port: int
    mail_port: int
    tick_seconds: int
    database_url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def choose(cls, folder: Path, *, port: int | None, tick_seconds: int, database_url: str = "") -> "Place":
        """Choose free ports (`port` for the site, when given) and build the environment. Raise SupervisorError."""
        web = process_supervisor.require_port(port, held=True) if port else process_supervisor.free_port(8000)
        place = cls(folder, web, 0, 0, tick_seconds, database_url)
        place.environment = {
            **keys(folder),
            "DATA_DIR": str(folder),
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "false",
            "PUBLIC_URL": place.site,
            "TICK_SECONDS": str(tick_seconds),
            "DATABASE_URL": database_url,
            # Its people share one password that everyone may know, so a second factor is only asked for on wish.
            "EXERCISE_CHANNELS": "push,sms,telegram,whatsapp,room",
            "VAPID_CONTACT": "demo@example.org",
            "SECOND_FACTOR": os.environ.get("SECOND_FACTOR") or "false",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        place.choose_catcher()
        return place

    def choose_catcher(self) -> None:
        """Choose free ports for the catcher, again right before it starts: a program may have taken them meanwhile."""
        self.smtp_port = process_supervisor.free_port(1025, avoid=[self.web_port])
        self.mail_port = process_supervisor.free_port(8025, avoid=[self.web_port, self.smtp_port])
        catcher = f"smtp://127.0.0.1:{self.smtp_port}"
        self.environment |= {"MAIL_URL": catcher, "EXERCISE_MAIL_URL": catcher}

    @property
    def site(self) -> str:
        """The site's address."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def mail(self) -> str:
        """The address of the page with the caught mail."""
        return f"http://127.0.0.1:{self.mail_port}"

    @property
    def caught(self) -> Path:
        """The SQLite file with the caught mail."""
        return self.folder / "caught.sqlite3"


def remove(folder: Path, names: tuple[str, ...]) -> None:
    """Remove files and folders of these names from the demo's folder, where they are."""
    for name in names:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


# --- Steps --------------------------------------------------------------------------------------------


def prepare(place: Place, *, fresh: bool, say: Say) -> dict[str, Any]:
    """
    Make the database ready and load the demo where it is missing; return what load_demo tells.

    Raise Refusal with one sentence. A first load that fails leaves no database behind.
    """
    marker, own_file = place.folder / "loaded", not place.database_url
    if own_file and not marker.exists():
        remove(place.folder, DATABASE)  # of a first load that was cut off
    words = ["load_demo", *(["--fresh"] if fresh else [])]
    facts: dict[str, Any] = {}
    done = False
    child = subprocess.Popen(
        process_supervisor.manage(*words),
        env={**os.environ, **place.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert child.stdout is not None and child.stderr is not None
    # Kept in memory: a full disk is one of the things it may have to tell of.
    complaints: deque[str] = deque(maxlen=200)
    listener = threading.Thread(target=complaints.extend, args=(child.stderr,), daemon=True)
    listener.start()
    try:
        for line in child.stdout:
            if line.startswith("{"):
                facts = json.loads(line)
            else:
                say(f"  {line.rstrip()}")
        code = child.wait()
        listener.join(timeout=5)
        if code:
            raise Refusal(exit_message(list(complaints), code))
        if fresh:
            remove(place.folder, AROUND_IT)
        if own_file:
            marker.touch()
        done = True
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        if not done and own_file and not marker.exists():
            remove(place.folder, DATABASE)
    return facts


def exit_message(complaints: list[str], code: int) -> str:
    """Return the sentence with which a child ended, or the end of what it wrote when there is no such sentence."""
    lines = [line.rstrip() for line in complaints if line.strip()]
    last = lines[-1].removeprefix("CommandError: ") if lines else ""
    if last.startswith("Not "):
        return last
    shown = "\n".join(f"    {line}" for line in lines[-12:]) or "    (nothing)"
    return f"Not started: the demo could not be loaded ({process_supervisor.ending(code)}). The last that it wrote:\n{shown}"


def add_processes(supervisor: Supervisor, place: Place) -> None:
    """Add the catcher, on ports that are free now, the web server, the worker and the beat."""
    place.choose_catcher()
    catcher = [
        *(sys.executable, "-m", "demo.mail_catcher", "--smtp-port", str(place.smtp_port)),
        *("--http-port", str(place.mail_port), "--database", str(place.caught)),
    ]
    env = place.environment
    supervisor.add("catcher", catcher, env, ready=process_supervisor.port_answers(place.smtp_port), last=True)
    web = process_supervisor.web_server("127.0.0.1", place.web_port, 1, 8)
    supervisor.add("web", web, env, ready=process_supervisor.url_answers(f"{place.site}/health/live"))
    for name, (queues, processes) in QUEUES.items():
        worker = process_supervisor.celery_worker(name, queues, processes)
        supervisor.add(name, worker, env, ready=supervisor.log_contains(name, process_supervisor.WORKER_READY))
    supervisor.add("beat", process_supervisor.celery_beat(place.folder), env)


# --- The two ways to run it -----------------------------------------------------------------------------


def run(folder: Path, *, fresh: bool, port: int | None, say: Say) -> int:
    """Prepare and start the demo in `folder`, tell how to use it, and watch it until Ctrl-C. Return the exit status."""
    started = time.monotonic()
    with Supervisor(folder, say=say) as supervisor:
        place = Place.choose(folder, port=port, tick_seconds=5, database_url=os.environ.get("DATABASE_URL", ""))
        running_demo.write_environment(folder, place.environment)
        say("Preparing the demo …")
        facts = prepare(place, fresh=fresh, say=say)
        say("Starting the catcher, the web server, the worker and the beat …")
        add_processes(supervisor, place)
        running_demo.write_environment(folder, place.environment)
        supervisor.start()
        supervisor.announce(place.site)
        say(welcome(place, facts, seconds=time.monotonic() - started))
        supervisor.run()
    if not (folder / "loaded").exists() and not os.environ.get("DATABASE_URL"):
        say("Stopped before the demo was loaded. Nothing of it is left.")
        return 1
    say("Stopped. The data is kept; `./run demo` goes on with it, `./run demo --fresh` starts over.")
    return 0


def check(*, port: int | None, say: Say, tell: Say) -> int:
    """
    Run the demo in a temporary folder, send one bulletin through it without a person, and stop.

    `tell` gets one JSON line. Return 0 only when the journey says ok; when it does not, its folder stays.
    """

    def journey(place: Place, supervisor: Supervisor) -> dict[str, Any]:
        say("Sending a bulletin …")
        from . import smoke_test

        return smoke_test.run(place.site, place.caught, environment=place.environment, watch=supervisor.check, say=say)

    return try_out(journey, port=port, say=say, tell=tell)


def drill(scenario: str, *, speed: int, port: int | None, say: Say, tell: Say) -> int:
    """
    Run the demo in a temporary folder, play a drill in it without a person, and stop.

    `tell` gets one JSON line. Return 0 only when the drill says ok; when it does not, its folder stays.
    """

    def play(place: Place, supervisor: Supervisor) -> dict[str, Any]:
        say("Playing a drill …")
        words = process_supervisor.manage("demo_drill", scenario, "--speed", str(speed))
        environment = {**os.environ, **place.environment}
        child = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            while child.poll() is None:
                supervisor.check()
                time.sleep(0.5)
        finally:
            if child.poll() is None:
                child.terminate()
            told, complaints = child.communicate()
        lines = told.strip().splitlines()
        if child.returncode or not lines:
            return {"ok": False, "fault": complaints.strip().splitlines()[-1] if complaints.strip() else "no figures"}
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    return try_out(play, port=port, say=say, tell=tell)


def try_out(what: Callable[[Place, Supervisor], dict[str, Any]], *, port: int | None, say: Say, tell: Say) -> int:
    """Run the demo in a temporary folder, try something out in it, tell what came of it as one JSON line, and stop."""
    started = time.monotonic()
    result: dict[str, Any] = {"ok": False}
    with scratch_database.temporary(os.environ.get("DATABASE_URL", "")) as database_url:
        folder = Path(tempfile.mkdtemp(prefix="crisis-bulletins-check-"))
        try:
            with Supervisor(folder, say=say) as supervisor:
                result = in_a_demo(what, supervisor, folder, port=port, database_url=database_url, say=say)
                result.setdefault("seconds", round(time.monotonic() - started, 1))
                tell(json.dumps(result))
        finally:
            if result["ok"] or not any((folder / "logs").glob("*.log")):
                shutil.rmtree(folder, ignore_errors=True)
            else:
                say(f"The data and the logs of this check are in {folder}.")
    return 0 if result["ok"] else 1


def in_a_demo(
    what: Callable[[Place, Supervisor], dict[str, Any]],
    supervisor: Supervisor,
    folder: Path,
    *,
    port: int | None,
    database_url: str,
    say: Say,
) -> dict[str, Any]:
    """Start everything in `folder`, try something out, stop it, and return what came of it."""
    place = Place.choose(folder, port=port, tick_seconds=2, database_url=database_url)
    try:
        say("Preparing …")
        prepare(place, fresh=False, say=say)
        say("Starting the catcher, the web server, the worker and the beat …")
        add_processes(supervisor, place)
        supervisor.start()
        return what(place, supervisor)
    finally:
        supervisor.stop()
        forget_redis(place.environment["REDIS_PREFIX"])


def forget_redis(prefix: str) -> None:
    """Remove what a check has left in Redis, where it used one."""
    url = os.environ.get("REDIS_URL", "")
    if not url:
        return
    with contextlib.suppress(redis.RedisError):
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        for key in client.scan_iter(match=f"{prefix}:*", count=500):
            client.delete(key)


def welcome(place: Place, facts: dict[str, Any], *, seconds: float) -> str:
    """Return what to open, how to log in and what to try."""
    zone = ZoneInfo(facts["zone"])
    due = datetime.fromisoformat(facts["due"]).astimezone(zone) if facts["due"] else None
    if facts["state"] == "approved" and due and due > datetime.now(zone):
        sending = f"Bulletin 4 goes out at {due:%H:%M:%S} ({facts['zone']}). Watch it under Sends in the desk, and in the caught mail."
    else:
        sending = "Look at what became of bulletins 1 to 4: under Sends in the desk, each recipient is accounted for."
    lines = [(role, f"  {role.value:13} {email}") for email, _, role in STAFF_AND_CONTRIBUTORS]
    logins = "\n".join(line for role, line in lines if role in STAFF)
    contributors = "\n".join(line for role, line in lines if role not in STAFF)
    readers = "\n".join(f"  {code:13} {email}" for code, email in facts["influencers"].items())
    factor = "Here, and only here, no second factor is demanded (SECOND_FACTOR=false)."
    if place.environment["SECOND_FACTOR"] == "true":
        factor = "Each of them sets up a second factor at the first login (SECOND_FACTOR=true)."
    return f"""
The demo is running ({seconds:.0f} s). It is an exercise: every mail stays on this machine.

  Public site   {place.site}/
  Portal        {place.site}/en/portal/
  Ministries    {place.site}/en/inputs/
  Ways to help  {place.site}/en/help/
  Paid work     {place.site}/en/commissions/own/
  Desk          {place.site}/desk/
  Caught mail   {place.mail}/

Log in to the desk with the password {PASSWORD}
{logins}
{factor}

Contributors ({CONTRIBUTOR_OF}), partner organisations, municipalities, creators and influencers log in with a code that arrives in the caught mail. Influencers: one for each language.
{contributors}
{readers}

Six things to try:
  1. {sending}
  2. As contributor@example.org, send in material under Ministries. As editor@example.org, make a bulletin of it and write it in
     three languages. As approver@example.org, approve it and see it go out.
  3. Log in as the Finnish influencer, who had posted bulletin 3: what was wrong, words to correct it, and acknowledging it.
  4. As fact-checker@example.org, see on Today what is being reported and what is rising, and find out which report is the same
     as a claim that was checked already. fact-checker2@example.org is the second person whom a verdict needs.
  5. As liaison@example.org, see who waits for an answer (Conversations), how far the recall of bulletin 3 is (Recalls), and let
     a hundred be chosen for close contact (Selections). The influencer reads your answer in the portal and by mail.
  6. As liaison@example.org, open the urgent word that is not seen yet (Today): who has seen it, when the next step comes, and
     whom to call. Each influencer chooses under How word reaches you what comes as a text message, which is caught like the mail.

Ctrl-C stops everything and keeps the data.
"""
