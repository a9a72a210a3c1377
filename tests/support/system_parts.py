"""
The real parts that tests run against: a PostgreSQL cluster and a Redis server of their own, Chromium, gettext.

`PostgreSQL()` and `Redis()` start a server in a folder of its own on a free loopback port and stop it again;
both can be killed, stopped and started in the middle of a test. Nothing that already runs is touched.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

START_SECONDS = 60
STOP_SECONDS = 20
LOWEST_POSTGRESQL = 15
STANDARD_ERROR = 2


class PartMissing(Exception):
    """A part that tests need is not on this machine. The text names it and says how to get it."""


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Finding ------------------------------------------------------------------------------------------


def postgresql_folder() -> Path | None:
    """Return the folder with initdb and postgres of the newest PostgreSQL here, or None."""
    places = sorted(
        (place for place in Path("/usr/lib/postgresql").glob("*/bin") if place.parent.name.isdigit()),
        key=lambda place: int(place.parent.name),
        reverse=True,
    )
    places = [place for place in places if int(place.parent.name) >= LOWEST_POSTGRESQL]
    for pattern in ("/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"):
        places += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def redis_program() -> str | None:
    """Return redis-server or valkey-server, whichever is here, or None."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def chromium_program() -> str | None:
    """Return Chromium's or Chrome's program, or None. The shell is the same browser without its windows: a third lighter."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def gettext_program() -> str | None:
    """Return GNU gettext's xgettext, or None when it or its companions are missing."""
    programs = [shutil.which(name) for name in ("xgettext", "msgfmt", "msgmerge", "msguniq", "msgattrib")]
    return programs[0] if all(programs) else None


def has_fonts() -> bool:
    """Return whether there is any font for the browser to draw with."""
    return any(next(Path(place).rglob("*.[to]tf"), None) for place in ("/usr/share/fonts", "/usr/local/share/fonts"))


def has_dictionaries() -> bool:
    """Return whether Voikko and Hunspell are here with Debian's dictionaries of Finnish, Swedish and English."""
    libraries = [next(Path("/usr/lib").rglob(name), None) for name in ("libvoikko.so.1", "libhunspell-1.7.so.0")]
    folder = Path("/usr/share/hunspell")
    return all(libraries) and all((folder / f"{name}.aff").exists() for name in ("sv_FI", "en_GB"))


@dataclass(frozen=True)
class Part:
    """A part of the system: how to see it, its Debian packages ("better|else"), and which tests need it."""

    name: str
    present: Callable[[], Any]
    packages: tuple[str, ...]
    needed_for: str


PARTS = (
    Part("PostgreSQL", postgresql_folder, ("postgresql",), "every test on PostgreSQL and Redis"),
    Part("Redis", redis_program, ("redis-server",), "every test on PostgreSQL and Redis"),
    Part("Chromium", chromium_program, ("chromium-headless-shell|chromium",), "the journeys in a real browser"),
    Part(
        "fonts",
        lambda: has_fonts() or sys.platform != "linux",
        ("fonts-dejavu-core",),
        "the journeys in a real browser",
    ),
    Part("gettext", gettext_program, ("gettext",), "the checks of the translations"),
    Part("FFmpeg", lambda: shutil.which("ffmpeg") and shutil.which("ffprobe"), ("ffmpeg",), "the moving cards"),
    Part(
        "dictionaries",
        has_dictionaries,
        ("libvoikko1", "voikko-fi", "libhunspell-1.7-0", "hunspell-sv", "hunspell-en-gb"),
        "spelling and basic forms with real dictionaries",
    ),
    Part("PgBouncer", lambda: shutil.which("pgbouncer"), ("pgbouncer",), "the sends through a pooler"),
    Part(
        "iproute2",
        lambda: shutil.which("ip") or sys.platform != "linux",
        ("iproute2",),
        "the fault of a worker host that is cut off",
    ),
)


def missing_parts(*names: str) -> list[Part]:
    """Return the parts (of `names`, or of all) that are not on this machine."""
    return [part for part in PARTS if (not names or part.name in names) and not part.present()]


def can_install() -> bool:
    """Return whether system packages can be installed here: Debian or a relative of it, as root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(parts: list[Part]) -> None:
    """
    Install parts with apt-get, showing its progress on standard error; what is still missing afterwards shows in missing_parts().
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    print(f"Installing {', '.join(part.name for part in parts)} with apt-get.", file=sys.stderr, flush=True)
    options = ["-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0", "-q"]
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": STANDARD_ERROR}
    began = time.monotonic()
    subprocess.run(["apt-get", *options, "update"], env=environment, check=False, **quiet)
    packages = [best_known(package.split("|")) for part in parts for package in part.packages]
    subprocess.run(
        ["apt-get", *options, "install", "--yes", "--no-install-recommends", *packages],
        env=environment,
        check=False,
        **quiet,
    )
    print(f"apt-get took {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)


def best_known(packages: list[str]) -> str:
    """Return the first of some packages that this machine's apt knows, or the last of all."""
    for package in packages:
        if subprocess.run(["apt-cache", "show", package], capture_output=True, check=False).returncode == 0:
            return package
    return packages[-1]


def ensure(*names: str) -> list[Part]:
    """Install what is missing where that is possible, and return the parts that still are."""
    missing = missing_parts(*names)
    if missing and can_install():
        install(missing)
        missing = missing_parts(*names)
    return missing


def how_to_get(part: Part) -> str:
    """Return one line: what is missing, what for, and how to get it."""
    packages = " ".join(package.split("|")[-1] for package in part.packages)
    return f"{part.name} is not installed; {part.needed_for} need it. Debian, Ubuntu: apt-get install {packages}"


# --- Running ------------------------------------------------------------------------------------------


LOOPBACK = "127.0.0.1"


class Server:
    """
    A server process in a folder of its own. `port` stays the same over restarts.

    It listens on loopback, and on `host` too when that is another address of this machine; `url` names `host`.
    """

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self, *, host: str = LOOPBACK) -> None:
        self.host = host
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"test-{self.name}-", dir=short_temporary_folder()))
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address, as the settings take it."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, f"{self.name} is not running"
        return self._process.pid

    def command(self) -> list[str]:
        """Return the command line that stays in the foreground."""
        raise NotImplementedError

    def as_user(self) -> dict[str, Any]:
        """Return how Popen is to change the user, if it has to."""
        return {}

    def answers(self) -> bool:
        """Return whether the server takes requests."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers. Raise RuntimeError with its last words when it does not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C reaches the tests first; they stop the server
                **self.as_user(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                words = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} did not start:\n{words}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it in good order and wait for its end."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it in good order and start it again."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Make it deaf without closing its connections; `thaw()` ends that."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        if how == signal.SIGKILL:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class PostgreSQL(Server):
    """
    A PostgreSQL cluster of its own. `durable` keeps fsync on, for tests that kill it and look at what is left.

    PostgreSQL refuses to run as root, so then it runs as `postgres` (or `nobody`).
    """

    name = "postgresql"
    stop_signal = signal.SIGINT  # "fast": ends sessions instead of waiting for them

    def __init__(self, *, durable: bool = False, host: str = LOOPBACK) -> None:
        programs = postgresql_folder()
        if programs is None:
            raise PartMissing(how_to_get(next(part for part in PARTS if part.name == "PostgreSQL")))
        self.programs = programs
        self.durable = durable
        super().__init__(host=host)

    @property
    def url(self) -> str:
        """The address of the database "bulletins"."""
        return f"postgres://bulletins@{self.host}:{self.port}/bulletins"

    @property
    def socket_url(self) -> str:
        """The address of its socket in the file system, for who asks it a million times: that takes two thirds of what TCP does."""
        return f"postgres://bulletins@/bulletins?host={self.folder}&port={self.port}"

    def as_user(self) -> dict[str, Any]:
        """Run as someone who is not root."""
        if os.geteuid() != 0:
            return {}
        account = next(entry for name in ("postgres", "nobody") if (entry := known_account(name)))
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def command(self) -> list[str]:
        """Return postgres itself, in the foreground."""
        settings = {
            "listen_addresses": ",".join(dict.fromkeys([LOOPBACK, self.host])),
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "100",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            "jit": "off",  # compiling a plan takes longer than any test's query
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Tables are filled and emptied all the time: what is noted of an empty one makes plans that never end. What is
            # gone for good is cleared away by tests/support/table_cleaner.py.
            settings |= {"autovacuum": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    @property
    def data(self) -> Path:
        """The folder of the cluster."""
        return self.folder / "data"

    def start(self) -> None:
        """Create the cluster the first time, then start it."""
        if self.data.exists():
            super().start()
            return
        if who := self.as_user():
            os.chown(self.folder, who["user"], who["group"])
        self.create()
        if self.host != LOOPBACK:
            with (self.data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        super().start()
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'bulletins'").fetchone():
                connection.execute("CREATE DATABASE bulletins")

    def answers(self) -> bool:
        """Return whether it takes connections."""
        import psycopg

        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> Any:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="bulletins", dbname=database, autocommit=True, connect_timeout=5
        )

    def create(self) -> None:
        """Make the folder of a new cluster."""
        made = subprocess.run(
            [
                str(self.programs / "initdb"),
                *("--pgdata", str(self.data), "--username", "bulletins", "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--no-instructions", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.folder)},
            check=False,
            **self.as_user(),
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stderr[-2000:]}")


class Standby(PostgreSQL):
    """A copy of a running PostgreSQL server that follows it. The other waits for it with each commit, as only then it has all."""

    def __init__(self, primary: PostgreSQL) -> None:
        self.primary = primary
        super().__init__(durable=True)

    def create(self) -> None:
        """Begin with a copy of the other as it is, and have it wait from now on."""
        source = f"host={LOOPBACK} port={self.primary.port} user=bulletins application_name={self.name}"
        words = ["--pgdata", str(self.data), "--dbname", source, "--write-recovery-conf", "--checkpoint=fast"]
        copy = [str(self.programs / "pg_basebackup"), *words, "--no-sync"]
        subprocess.run(copy, check=True, cwd=self.folder, **self.as_user())

    def start(self) -> None:
        """Start it, and have the other wait for it."""
        super().start()
        with self.primary._connect("postgres") as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{self.name}'")
            connection.execute("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Let it be the one that is written to."""
        with self._connect("postgres") as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf(), pg_promote()")

    @property
    def url_of_both(self) -> str:
        """The address of whichever of the two can be written to."""
        hosts = f"host={LOOPBACK},{LOOPBACK}&port={self.primary.port},{self.port}"
        return f"postgres://bulletins@/bulletins?{hosts}&target_session_attrs=read-write"


LIMITS = "connect_query='SET statement_timeout = 600000; SET lock_timeout = 30000'"


class Pooler(Server):
    """PgBouncer in transaction mode before a PostgreSQL server, with so few connections to it that they go from hand to hand."""

    name = "pooler"
    stop_signal = signal.SIGINT

    def __init__(self, server: PostgreSQL, *, connections: int = 3) -> None:
        if shutil.which("pgbouncer") is None:
            raise PartMissing(how_to_get(next(part for part in PARTS if part.name == "PgBouncer")))
        self.server, self.connections = server, connections
        super().__init__()

    @property
    def url(self) -> str:
        """The address of the database "bulletins" through it."""
        return f"postgres://bulletins@{LOOPBACK}:{self.port}/bulletins?pooler=transaction"

    def as_user(self) -> dict[str, Any]:
        """Run as someone who is not root."""
        return self.server.as_user()

    def command(self) -> list[str]:
        """Return it, in the foreground."""
        settings = {
            "listen_addr": LOOPBACK,
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": self.connections,
        }
        lines = [
            "[databases]",
            f"bulletins = host={LOOPBACK} port={self.server.port} user=bulletins {LIMITS}",
            "[pgbouncer]",
        ]
        file = self.folder / "pgbouncer.ini"
        file.write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in settings.items())]))
        self.folder.chmod(0o755)
        return ["pgbouncer", str(file)]

    def answers(self) -> bool:
        """Return whether it takes connections."""
        try:
            with socket.create_connection((LOOPBACK, self.port), 2):
                return True
        except OSError:
            return False


class Redis(Server):
    """A Redis (or Valkey) server of its own that writes nothing to disk, or an append-only file if `durable`."""

    name = "redis"

    def __init__(self, *, durable: bool = False, host: str = LOOPBACK) -> None:
        program = redis_program()
        if program is None:
            raise PartMissing(how_to_get(next(part for part in PARTS if part.name == "Redis")))
        self.program = program
        self.durable = durable
        super().__init__(host=host)

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://{self.host}:{self.port}/0"

    def command(self) -> list[str]:
        """Return the server, in the foreground."""
        settings = {
            "protected-mode": "yes" if self.host == LOOPBACK else "no",
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "databases": "256",  # one for each worker of a run
            "daemonize": "no",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [self.program, "--bind", *dict.fromkeys([LOOPBACK, self.host]), *words]

    def answers(self) -> bool:
        """Return whether it replies to PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class ObjectStore(Server):
    """An S3 server of its own, in memory, with one bucket."""

    name = "objects"
    bucket = "bulletins"

    @property
    def url(self) -> str:
        """The address of a folder in the bucket, as MEDIA_STORAGE_URL takes it."""
        return f"s3+http://key:secret@{LOOPBACK}:{self.port}/{self.bucket}/media"

    def command(self) -> list[str]:
        """Return the server, in the foreground."""
        return [sys.executable, "-m", "moto.server", "--host", LOOPBACK, "--port", str(self.port)]

    def answers(self) -> bool:
        """Return whether it takes requests."""
        try:
            with socket.create_connection((LOOPBACK, self.port), 2):
                return True
        except OSError:
            return False

    def start(self) -> None:
        """Start it, and make the bucket."""
        super().start()
        self.client().create_bucket(Bucket=self.bucket)

    def client(self) -> Any:
        """Return boto3's client for it."""
        import boto3

        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=f"http://{LOOPBACK}:{self.port}", **keys)

    def contents(self) -> dict[str, bytes]:
        """Return all that is in the bucket, by key."""
        client = self.client()
        found = client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {one["Key"]: client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}


def known_account(name: str) -> pwd.struct_passwd | None:
    """Return the system account, or None."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def short_temporary_folder() -> str | None:
    """Return where server folders go: open to PostgreSQL's account, and short, for sockets have a 107-byte limit."""
    return "/tmp" if os.geteuid() == 0 or len(tempfile.gettempdir()) > 60 else None
