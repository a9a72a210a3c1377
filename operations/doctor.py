"""
Each part probed for real. A probe returns what it found or raises; nothing it meets may stop the others.

`./run doctor` prints the findings, `./run serve` asks some of them before it starts, /health/ready asks the light ones.
"""

import json
import re
import shutil
import smtplib
import ssl
import tempfile
import time
import uuid
import wave
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from lib import task_queue
from lib.clock import MOST_APART_SECONDS
from lib.images import ffmpeg, film_facts
from lib.text.languages import spoken_languages

from .startup_errors import database_trouble, first_line, os_sentence, redis_trouble

WORKER_SECONDS = 10.0
RETENTION_RESTS = timedelta(minutes=5)  # after which it should have had a turn
RETENTION_LATE = 86400  # seconds
FREE_BYTES = 500_000_000
FREE_SHARE = 0.05
DNS_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
OF_ANOTHER_VERSION = "this database was made by another version"
TO_ITS_VERSION = (
    "Run the version that made it, or set DATABASE_URL to an empty database and restore a back-up of this version. "
    "Which one this is: ./run manage version"
)
NEEDS_DATABASE = {"migrations", "tables", "roles", "worker", "beat", "clock", "hosts", "retention"}


@dataclass(frozen=True)
class Finding:
    """What one probe found. `do` is what to do about it, "" when all is well."""

    name: str
    ok: bool
    says: str
    do: str = ""


class CheckFailed(Exception):
    """A probe found something wrong. Its arguments: what is wrong, what to do."""

    def __init__(self, says: str, do: str) -> None:
        super().__init__(says)
        self.says = says
        self.do = do


def examine() -> list[Finding]:
    """Run every probe, in order, and return a finding for each; never raise."""
    found: list[Finding] = []
    wrong: set[str] = set()
    for name, probe in PROBES.items():
        if name in NEEDS_DATABASE and "database" in wrong:
            finding = Finding(name, False, "not tried", "Put the database right first")
        elif name == "worker" and "broker" in wrong:
            finding = Finding(name, False, "not tried", "Put the broker right first")
        else:
            finding = run_probe(name, probe)
        found.append(finding)
        if not finding.ok:
            wrong.add(name)
    return found


def run_probe(name: str, probe: Callable[[], str]) -> Finding:
    """Run one probe and return what it found, whatever happens."""
    try:
        return Finding(name, True, probe())
    except CheckFailed as ill:
        return Finding(name, False, ill.says, ill.do)
    except DatabaseError as fault:
        return Finding(name, False, *database_trouble(fault))
    except Exception as fault:
        return Finding(
            name,
            False,
            f"{type(fault).__name__}: {first_line(fault)}",
            "The log of this part in DATA_DIR/logs may say more",
        )


def advice(finding: Finding) -> str:
    """Return what to do as a sentence; a command to run ends without a full stop, ready to be copied."""
    return finding.do if finding.do.startswith("Run: ") else f"{finding.do}."


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """Return the findings as data: {"ok": …, "probes": [{"name", "ok", "says", "do"}]}."""
    return {"ok": all(finding.ok for finding in findings), "probes": [asdict(finding) for finding in findings]}


# --- Database ---------------------------------------------------------------------------------------


def database() -> str:
    """Write a row and read it back, in a transaction that is rolled back."""
    from delivery.models import Pulse

    if Pulse._meta.db_table not in connection.introspection.table_names():
        raise CheckFailed("it answers, but has no tables yet", "Run: ./run manage migrate")
    token = uuid.uuid4().hex
    with transaction.atomic():
        Pulse.beat(f"doctor {token}", at=timezone.now(), detail=token)
        read = Pulse.objects.get(name=f"doctor {token}").detail
        transaction.set_rollback(True)
    if read != token:
        raise CheckFailed("what was written did not come back", "Check the database server's health")
    version = ".".join(str(part) for part in connection.get_database_version())
    return f"{connection.display_name} {version}, written and read"


def migrations() -> str:
    """See whether the tables are those that the code expects."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{step.app_label} {step.name}" for step, _backwards in plan[:3])
        raise CheckFailed(
            f"{len(plan)} not applied ({names}{' …' if len(plan) > 3 else ''})", "Run: ./run manage migrate"
        )
    return "all applied"


def tables() -> str:
    """
    See whether the database has every table and column of the models: one that another version has made may not, although
    all migrations of this one's names are noted as applied.
    """
    from django.apps import apps

    present = set(connection.introspection.table_names())
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            if table not in present:
                raise CheckFailed(f"table {table} is missing: {OF_ANOTHER_VERSION}", TO_ITS_VERSION)
            columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            missing = sorted({str(field.column) for field in model._meta.local_concrete_fields} - columns)
            if missing:
                raise CheckFailed(
                    f"column {missing[0]} of table {table} is missing: {OF_ANOTHER_VERSION}", TO_ITS_VERSION
                )
    return f"{len(models)} as in the code"


def roles() -> str:
    """Compare the groups in the database with the table in accounts/access/permissions.py."""
    from accounts.access.permissions import PERMISSIONS
    from accounts.access.role_sync import granted

    held = granted()
    stale = [role.value for role, names in PERMISSIONS.items() if held.get(role.value) != names.keys()]
    if stale:
        raise CheckFailed(f"out of date: {', '.join(stale)}", "Run: ./run manage sync_roles")
    return f"{len(PERMISSIONS)} roles as in the code"


def clock() -> str:
    """Compare the database's clock with this machine's."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp())"
            if postgres
            else "SELECT (julianday('now') - 2440587.5) * 86400"
        )
        theirs = float(cursor.fetchone()[0])
    apart = abs(theirs - time.time())
    if apart > MOST_APART_SECONDS:
        raise CheckFailed(
            f"the database's clock and this machine's are {apart:.0f} s apart",
            "Set both by NTP, for example with chrony",
        )
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, {apart:.1f} s from the database's"


def hosts() -> str:
    """Compare what all hosts say of themselves: signs of life, clocks, settings, version; and this machine with them."""
    from delivery.models import HostProcess
    from lib import clock as clock_of_all

    from .hosts import host_differences, signs_of_life
    from .version import release

    ahead = clock_of_all.measure()
    at = clock_of_all.now()
    rows = list(HostProcess.objects.all())
    this = HostProcess(
        host=signs_of_life.host(),
        name="doctor",
        seen_at=at,
        clock_ahead=ahead,
        release=release(),
        marks=host_differences.marks(),
    )
    wrong = host_differences.disagreements([*rows, this], at=at)
    if wrong:
        raise CheckFailed("; ".join(wrong), "See docs/operating/monitoring/hosts.md")
    names = {row.host for row in rows}
    return f"{len(rows)} processes on {len(names)} hosts, which agree in clocks, settings and version"


# --- Celery -----------------------------------------------------------------------------------------


def broker() -> str:
    """Publish a message on a queue of its own and take it again."""
    from celery import current_app as app

    try:
        return _over_the_broker(app) + (" over the file system" if settings.EMBEDDED_BROKER else " over Redis")
    except Exception as fault:  # kombu raises its own, redis-py's and the socket's
        if settings.EMBEDDED_BROKER:
            raise CheckFailed(
                f"{settings.BROKER_DIR} cannot be used ({first_line(fault)})", "Check its rights and the free space"
            ) from fault
        raise CheckFailed(*redis_trouble(settings.REDIS_URL, fault)) from fault


def _over_the_broker(app: Any) -> str:
    if settings.EMBEDDED_BROKER:
        for name in ("messages", "taken", "control"):
            (settings.BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    token = uuid.uuid4().hex
    with app.connection_for_write(connect_timeout=5) as link:
        link.ensure_connection(max_retries=1, interval_start=0.1, timeout=5)
        queue = link.SimpleQueue(f"doctor-{token}", no_ack=True, queue_opts={"durable": False, "auto_delete": True})
        try:
            queue.put({"token": token}, retry=False, expiration=60)
            read = queue.get(timeout=5).payload
            queue.queue.delete()
        finally:
            queue.close()
    if read != {"token": token}:
        raise CheckFailed("what was published did not come back", "Check the broker's health")
    return "published and taken again"


def worker() -> str:
    """Ask a worker for a sign of life and wait for it; then see that every queue has a worker."""
    from delivery.models import Pulse

    token = uuid.uuid4().hex
    started = time.monotonic()
    task_queue.wake("config.tasks.pulse", token, queue="tick")
    while not Pulse.objects.filter(name="worker", detail__startswith=token).exists():
        if time.monotonic() - started > WORKER_SECONDS:
            raise CheckFailed(
                f"no worker answered within {WORKER_SECONDS:.0f} s",
                "Start one: ./run serve (or ./run demo); if it runs, read logs/worker*.log in DATA_DIR",
            )
        time.sleep(0.1)
    seconds = time.monotonic() - started
    left = _queues_without_worker()
    if left:
        raise CheckFailed(f"no worker listens to: {', '.join(left)}", "Start the missing ones: ./run serve")
    return f"answered in {seconds:.1f} s"


def _queues_without_worker() -> list[str]:
    """Return the queues that no worker says it listens to; none when the broker carries no such question."""
    from celery import current_app as app

    if settings.EMBEDDED_BROKER:
        return []
    answers = app.control.inspect(timeout=2).active_queues() or {}
    heard = {queue["name"] for queues in answers.values() for queue in queues}
    return [queue.name for queue in settings.CELERY_TASK_QUEUES if queue.name not in heard]


def beat() -> str:
    """See whether the tick has been taken lately."""
    from delivery.models import Pulse

    last = Pulse.objects.filter(name="tick").values_list("at", flat=True).first()
    if last is None:
        raise CheckFailed("it has never ticked", "Start it: ./run serve (or ./run demo)")
    age = timezone.now() - last
    if age > timedelta(seconds=3 * settings.TICK_SECONDS):
        raise CheckFailed(
            f"the last tick was {age.total_seconds():,.0f} s ago; one is due every {settings.TICK_SECONDS} s",
            "Start it: ./run serve (or ./run demo); if it runs, read logs/beat.log and logs/worker*.log in DATA_DIR",
        )
    return f"last tick {age.total_seconds():.0f} s ago"


def retention() -> str:
    """See whether what has been kept long enough is let go."""
    from delivery.models import Pulse
    from delivery.models.processes import RETENTION

    last = Pulse.objects.filter(name=RETENTION).first()
    if last is None or timezone.now() - last.at > RETENTION_RESTS:
        raise CheckFailed(
            f"the last turn was {timezone.now() - last.at} ago" if last else "it has never run",
            "Start a worker for the queue upkeep: ./run serve (with systemd: bulletins-worker@upkeep)",
        )
    late = {kind: seconds for kind, seconds in json.loads(last.detail or "{}").items() if seconds > RETENTION_LATE}
    if late:
        kind, seconds = max(late.items(), key=lambda one: one[1])
        raise CheckFailed(
            f"it is behind: {kind} by {seconds / 86400:.1f} days",
            "It goes on by itself. If it falls further behind, read logs/worker-upkeep.log in DATA_DIR",
        )
    return "what has been kept long enough is let go"


# --- Mail -------------------------------------------------------------------------------------------


def mail() -> str:
    """Say hello to the mail server of live campaigns, or to the provider's API; and to the second one, if any."""
    first = connect_to_mailer(settings.MAIL, "MAIL_URL", "default")
    if not settings.BACKUP_MAIL:
        return first
    return f"{first}; the second way: {connect_to_mailer(settings.BACKUP_MAIL, 'BACKUP_MAIL_URL', 'backup')}"


def connect_to_mailer(options: dict[str, Any], variable: str, mailer: str) -> str:
    """Say hello to whatever a mailer leads to."""
    return check_connection(options["esp"], variable, mailer) if "esp" in options else hello(options, variable)


def check_connection(provider: str, variable: str, mailer: str) -> str:
    """See that a provider's key is there and its API answers over HTTPS. Nothing is sent, so no key is tried."""
    import requests
    from django.core.exceptions import ImproperlyConfigured
    from django.core.mail import mailers

    try:
        backend = mailers[mailer]
    except ImproperlyConfigured as fault:
        raise CheckFailed(
            f"{provider} is not set up ({first_line(fault)})", missing_settings(provider, fault)
        ) from fault
    address = getattr(backend, "api_url", "")
    if not address:
        return f"{provider} is set up; whether it answers was not tried"
    try:
        requests.head(address, timeout=5, allow_redirects=False)
    except requests.RequestException as fault:
        host = urlsplit(address).hostname
        raise CheckFailed(
            f"{provider} did not answer at {host} ({first_line(fault)})",
            f"Check the network and {variable}; the provider's status page may know more",
        ) from fault
    return f"{provider} is set up and answers; whether it takes the key shows with the first mail"


def missing_settings(provider: str, fault: Exception) -> str:
    """Return what to set, where the fault of Anymail's backend says that something is missing."""
    found = re.search(r"OPTIONS must define '(\w+)'", str(fault))
    if found:
        return (
            f"Set ANYMAIL_{provider.upper().replace('-', '_')}_{found[1].upper()}, see docs/operating/mail/providers.md"
        )
    return "See docs/operating/mail/providers.md, and the page of the provider in django-anymail's documentation"


def exercise_mail() -> str:
    """Say hello to the mail catcher of exercises."""
    return hello(settings.EXERCISE_MAIL, "EXERCISE_MAIL_URL")


def hello(options: dict[str, Any], variable: str) -> str:
    """Connect, encrypt and log in as `options` say, and leave without sending anything."""
    place = f"{options['host']}:{options['port']}"
    kind = partial(smtplib.SMTP_SSL, context=ssl.create_default_context()) if options["use_ssl"] else smtplib.SMTP
    try:
        with kind(options["host"], options["port"], timeout=5) as server:
            server.ehlo()
            if options["use_tls"]:
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if options["username"]:
                server.login(options["username"], options["password"] or "")
    except smtplib.SMTPAuthenticationError as fault:
        raise CheckFailed(f"{place} refused the user name or password", f"Correct them in {variable}") from fault
    except UnicodeError as fault:  # its words would show a part of the password
        raise CheckFailed(f"{place}: name and login have to be in ASCII", f"Correct them in {variable}") from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise CheckFailed(
            f"{place} did not answer ({first_line(fault)})", f"Check {variable} and that the server is running"
        ) from fault
    return f"{place} answers"


def text_messages() -> str:
    """Connect to the providers of text messages. It is no fault to have none; nothing is sent."""
    from delivery.transports.sms import preflight
    from lib.http.safe_fetch import FetchFault

    if not settings.SMS:
        return "none (SMS_URL)"
    for says, do in preflight.findings():
        raise CheckFailed(says.rstrip("."), do.rstrip("."))
    hosts = []
    for way in settings.SMS:
        variable = "SMS_URL" if way == "sms" else "BACKUP_SMS_URL"
        try:
            hosts.append(preflight.reach(way))
        except FetchFault as fault:
            raise CheckFailed(
                f"the provider in {variable} did not answer ({fault.code})",
                f"Check the network and {variable}; a provider inside your own network has to stand in FETCH_ALLOW",
            ) from fault
    note = preflight.advice()
    return f"{', then '.join(hosts)}; whether it takes the key shows with the first message" + (
        f". {note}" if note else ""
    )


def telegram() -> str:
    """Ask Telegram for our bot and where it posts. It is no fault to have none; nothing is sent."""
    from delivery.transports.telegram import preflight
    from lib.http.safe_fetch import FetchFault

    if not settings.TELEGRAM_TOKEN:
        return "none (TELEGRAM_TOKEN)"
    for says, do in preflight.findings():
        raise CheckFailed(says.rstrip("."), do.rstrip("."))
    try:
        return f"the bot is @{preflight.reach()}"
    except preflight.Unready as wrong:
        raise CheckFailed(*wrong.args) from wrong
    except FetchFault as fault:
        raise CheckFailed(f"Telegram did not answer ({fault.code})", "Check the network") from fault


def whatsapp() -> str:
    """Ask Meta about our number on WhatsApp. It is no fault to have none; nothing is sent."""
    from delivery.transports.whatsapp import preflight
    from lib.http.safe_fetch import FetchFault

    if not settings.WHATSAPP_TOKEN:
        return "none (WHATSAPP_TOKEN)"
    for says, do in preflight.findings():
        raise CheckFailed(says.rstrip("."), do.rstrip("."))
    try:
        return preflight.reach()
    except FetchFault as fault:
        raise CheckFailed(f"Meta did not answer ({fault.code})", "Check the network") from fault
    except ValueError as fault:
        raise CheckFailed(
            f"Meta refused ({fault})", "Check WHATSAPP_TOKEN, WHATSAPP_PHONE and WHATSAPP_VERSION"
        ) from fault


def chat_rooms() -> str:
    """Connect to the services of chat rooms. It is no fault to have none; nothing is sent."""
    from delivery.transports.rooms import preflight

    if not settings.CHAT_ROOMS:
        return "none (CHAT_ROOMS)"
    wrong, reached = preflight.faults()
    if wrong:
        raise CheckFailed(
            "; ".join(wrong[:5]),
            "Check the network; a service inside your own has to stand in FETCH_ALLOW, an old SECRET_KEY in SECRET_KEY_FALLBACKS. "
            "Else remove the room at the desk and add it anew",
        )
    return ", ".join(reached) or "set up; no room was added yet"


# --- Files ------------------------------------------------------------------------------------------


def media() -> str:
    """Store a file, read it back and delete it; in a bucket, try it as somebody without a key."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    place = f"the bucket {settings.MEDIA_BUCKET['bucket_name']}" if settings.MEDIA_BUCKET else str(settings.MEDIA_ROOT)
    token = uuid.uuid4().hex
    try:
        name = default_storage.save(f"doctor/{token}.txt", ContentFile(token.encode()))
        try:
            with default_storage.open(name) as file:
                read = file.read().decode()
            is_open = bool(settings.MEDIA_BUCKET) and cast(Any, default_storage).is_open_to_all(name)
        finally:
            default_storage.delete(name)
    except OSError as fault:
        raise CheckFailed(
            f"nothing can be stored in {place} ({first_line(fault)})",
            "Check MEDIA_STORAGE_URL" if settings.MEDIA_BUCKET else "Check the folder's rights and its disk",
        ) from fault
    if read != token:
        raise CheckFailed(f"what was stored in {place} did not come back", "Check the storage's health")
    if is_open:
        raise CheckFailed(
            f"{place} lets everybody read what is in it, unpublished files too",
            "Take away public access to the bucket: the site hands files out itself",
        )
    return f"stored in {place} and read"


def video() -> str:
    """Have FFmpeg make a video. It is no fault when there is none: moving cards are missing then, and nothing else."""
    if not ffmpeg.is_installed():
        return "FFmpeg is not installed: no moving cards, uploaded videos keep their format, and videos of stories cannot be shown (optional)"
    if not film_facts.is_installed():
        raise CheckFailed(
            "FFmpeg is there without ffprobe, so videos of stories cannot be read",
            "Install ffprobe, which comes with Debian's ffmpeg",
        )
    with tempfile.TemporaryDirectory() as folder:
        frames = [bytes(64 * 64 * 3 // 2)] * 2
        try:
            list(ffmpeg.encode(frames, Path(folder) / "made.mp4", size=(64, 64), per_second=2))
        except ffmpeg.Failed as fault:
            raise CheckFailed(
                f"FFmpeg cannot make videos ({first_line(fault)})",
                "Install an FFmpeg that has libx264, as Debian's does",
            ) from fault
    return f"{shutil.which(ffmpeg.PROGRAM)} makes videos"


def disk() -> str:
    """See how much room is left where our files are, and that a file can be written."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    says = f"{usage.free / 1e9:,.1f} GB free ({usage.free / usage.total:.0%}) in {settings.DATA_DIR}"
    if usage.free < FREE_BYTES or usage.free < FREE_SHARE * usage.total:
        raise CheckFailed(f"only {says}", "Free some space, or move DATA_DIR to a larger disk")
    probe = Path(settings.DATA_DIR) / f".doctor-{uuid.uuid4().hex}"
    try:
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as fault:
        raise CheckFailed(
            f"{settings.DATA_DIR} cannot be written: {os_sentence(fault).rstrip('.')}",
            "See DATA_DIR in docs/operating/settings.md",
        ) from fault
    return says


def translations() -> str:
    """See whether each language but English has its texts, compiled from their present form."""
    wrong = []
    wanted = [code for code, _name in settings.LANGUAGES if code != "en"]
    for code in wanted:
        sources = [Path(folder) / code / "LC_MESSAGES" / "django.po" for folder in settings.LOCALE_PATHS]
        for source in sources:
            target = source.with_suffix(".mo")
            if not source.exists():
                wrong.append(f"{code} is missing")
            elif not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                wrong.append(f"{code} is not compiled")
    if wrong:
        lost = any(says.endswith("missing") for says in wrong)
        do = "Get the files in locale/ back from the repository" if lost else "Run: ./run manage compile_translations"
        raise CheckFailed(", ".join(wrong), do)
    return f"{', '.join(wanted)} compiled"


def static_files() -> str:
    """See whether every style, script and picture has been collected in its present form."""
    from django.contrib.staticfiles.finders import get_finders
    from django.contrib.staticfiles.storage import staticfiles_storage

    if settings.WHITENOISE_USE_FINDERS:
        return "served from their sources (DEBUG)"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        raise CheckFailed("not collected", "Run: ./run manage collectstatic --noinput")
    storage_with_manifest: Any = staticfiles_storage
    known = storage_with_manifest.load_manifest()[0]
    collected_at = manifest.stat().st_mtime
    count = 0
    for finder in get_finders():
        for name, storage in finder.list(None):
            count += 1
            prefixed = f"{prefix}/{name}" if (prefix := getattr(storage, "prefix", None)) else name
            if prefixed not in known or not (Path(settings.STATIC_ROOT) / known[prefixed]).exists():
                raise CheckFailed(f"{prefixed} is not collected", "Run: ./run manage collectstatic --noinput")
            if Path(storage.path(name)).stat().st_mtime > collected_at:
                raise CheckFailed(
                    f"{prefixed} is newer than its collected copy", "Run: ./run manage collectstatic --noinput"
                )
    return f"{count} collected"


def inference() -> str:
    """Ask the model in NLI_MODEL what everybody knows. It is no fault to have none; without it the rules stand alone."""
    from lib.text.statements import inference_model
    from lib.text.statements.inference_model import Relation

    if not settings.NLI_MODEL:
        return "none (NLI_MODEL); only values of texts are compared"
    do = "Only values of texts are compared meanwhile. docs/operating/nli-model.md says what has to be in the folder"
    began = time.monotonic()
    try:
        model = inference_model.InferenceModel.load(Path(settings.NLI_MODEL))
        loaded = time.monotonic()
        answers = model.answer(inference_model.KNOWN)
    except inference_model.Unusable as fault:
        raise CheckFailed(str(fault), do) from fault
    seconds = (time.monotonic() - loaded) / len(inference_model.KNOWN)
    says = f"loaded in {loaded - began:.1f} s, {1000 * seconds:.0f} ms a pair"
    if answers != [Relation.CONTRADICTION, Relation.ENTAILMENT] * (len(answers) // 2):
        raise CheckFailed(f"{says}, but it does not tell opposites from repetitions", do)
    if inference_model.MOST * seconds > inference_model.LIMIT:
        raise CheckFailed(f"{says}: too slow for {inference_model.MOST} pairs in {inference_model.LIMIT:.0f} s", do)
    return f"{says}; each process that is asked keeps it in memory"


def translation_drafts() -> str:
    """Load each model in TRANSLATION_MODELS and have it translate a sentence. It is no fault to have none: nobody is offered drafts then."""
    from lib.text import machine_translation
    from lib.text.machine_translation import Model, Unusable

    if not settings.TRANSLATION_MODELS:
        return "none (TRANSLATION_MODELS): people translate without drafts"
    do = "No drafts are made meanwhile. docs/operating/translation-models.md says what has to be in the folder"
    found = machine_translation.directions()
    if not found:
        raise CheckFailed(f"{settings.TRANSLATION_MODELS} has no folder like fi-sv", do)
    says = []
    for name in found:
        began = time.monotonic()
        try:
            model = Model.load(Path(settings.TRANSLATION_MODELS) / name)
            loaded = time.monotonic()
            [answer] = model.translated(["Covid-19 2020"])
        except Unusable as fault:
            raise CheckFailed(f"{name}: {fault}", do) from fault
        if not answer:
            raise CheckFailed(f"{name}: the model says nothing", do)
        says.append(f"{name} loaded in {loaded - began:.1f} s, {time.monotonic() - loaded:.1f} s a sentence")
    return "; ".join(says)


def speech_drafts() -> str:
    """Have each model in SPEECH_MODELS listen to a second of silence. It is no fault to have none: nobody is offered drafts then."""
    from lib.text import speech

    if not settings.SPEECH_MODELS:
        return "none (SPEECH_MODELS): people write subtitles without drafts"
    do = "No drafts of subtitles are made meanwhile. docs/operating/speech-models.md says what has to be in the folder"
    found = speech.models()
    if not found:
        raise CheckFailed(f"{settings.SPEECH_MODELS} has no file like any.bin", do)
    says = []
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "silence.wav"
        with wave.open(str(sound), "wb") as written:
            written.setparams((1, 2, 16_000, 0, "NONE", ""))
            written.writeframes(bytes(32_000))
        for model in found:
            began = time.monotonic()
            try:
                list(speech.listen(model, sound, "en", seconds=300))
            except speech.TooSlow as fault:
                raise CheckFailed(f"{model.name}: five minutes were too short for a second of sound", do) from fault
            except speech.Unusable as fault:
                raise CheckFailed(f"{model.name}: {fault}", do) from fault
            says.append(f"{model.name} heard a second in {time.monotonic() - began:.1f} s")
    return "; ".join(says)


def dictionaries() -> str:
    """Tell which languages have a dictionary. It is no fault to have none: spelling is not checked then."""
    from lib.text.linguistics import hunspell, spelling, voikko

    if not settings.DICTIONARIES:
        return "none (DICTIONARIES): spelling is not checked, and Finnish words are known by their stems alone"
    found, lacking = [], []
    for code in spoken_languages.codes():
        if not spelling.dictionaries(code):
            lacking.append(code)
        elif code == "fi" and voikko.dictionary():
            found.append("fi by Voikko")
        else:
            names = [one.name for one in hunspell.dictionaries(code, settings.DICTIONARIES)]
            found.append(f"{code} by {' and '.join(names)}")
    says = "; ".join(found) or "none installed"
    if lacking:
        says += f"; spelling is not checked in {', '.join(lacking)} (optional"
        packages = [PACKAGES[code] for code in lacking if code in PACKAGES]
        says += f"; Debian has {', '.join(packages)})" if packages else ")"
    if not voikko.dictionary():
        says += ". Without Voikko, Finnish words are known by their stems alone"
    return says


def watching() -> str:
    """Tell how this site can be watched. It is no fault when it is not."""
    metrics = "metrics are on" if settings.METRICS_TOKEN else "no metrics (METRICS_TOKEN)"
    reports = "errors are reported" if settings.SENTRY_DSN else "errors are only logged (SENTRY_DSN)"
    return f"logs are {settings.LOG_FORMAT} at {settings.LOG_LEVEL}; {metrics}; {reports}"


# The Debian packages that check the spelling of a language.
PACKAGES = {
    "fi": "libvoikko1 and voikko-fi",
    "sv": "libhunspell-1.7-0 and hunspell-sv",
    "en": "libhunspell-1.7-0 and hunspell-en-gb",
}

PROBES: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "tables": tables,
    "roles": roles,
    "clock": clock,
    "hosts": hosts,
    "broker": broker,
    "worker": worker,
    "beat": beat,
    "retention": retention,
    "mail": mail,
    "exercise mail": exercise_mail,
    "text messages": text_messages,
    "Telegram": telegram,
    "WhatsApp": whatsapp,
    "chat rooms": chat_rooms,
    "disk": disk,
    "media": media,
    "video": video,
    "translations": translations,
    "static files": static_files,
    "inference": inference,
    "dictionaries": dictionaries,
    "translation drafts": translation_drafts,
    "speech drafts": speech_drafts,
    "watching": watching,
}


# --- The sending domain -----------------------------------------------------------------------------


@dataclass(frozen=True)
class DomainReport:
    """What the preflight found of one domain, and why it keeps live sends back ("" when it does not)."""

    domain: str
    findings: list[Any]
    reason: str
    note: str = ""

    @property
    def ok(self) -> bool:
        """Return whether live sends may go."""
        return not self.reason

    @property
    def conclusion(self) -> str:
        """What it means for live sends, in a sentence or two."""
        failing = ", ".join(dict.fromkeys(finding.check for finding in self.findings if not finding.ok))
        says = "Live sends may go."
        if not self.ok and not settings.PREFLIGHT:
            says = f"This would hold live sends ({failing}), but PREFLIGHT is false."
        elif not self.ok:
            says = self.reason
            if "," in failing and any(finding.level == "wrong" for finding in self.findings):
                says = f"Live sends are held by: {failing}. Put them right, or release the send as it is."
        return f"{says} {self.note}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Return it as data."""
        rows = [
            {"check": one.check, "level": one.level.value, "ok": one.ok, "says": one.summary, "do": one.to_do}
            for one in self.findings
        ]
        return {"domain": self.domain, "ok": self.ok, "says": self.conclusion, "findings": rows}


def as_domain(written: str) -> str:
    """Return the domain that a person wrote (example.org, or an address there) in ASCII; raise Ill if it is none."""
    from delivery.preflight.examination import domain_of

    try:
        domain = domain_of(written.strip().rstrip("."))
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > 253 or not all(DNS_LABEL.fullmatch(label) for label in labels):
        raise CheckFailed(f"{written} is no domain", "Write it like example.org")
    return domain


def sender_domains() -> list[str]:
    """Return the sender domains of the live campaigns, each once; raise Ill when the database cannot tell."""
    from campaigns.models import Campaign
    from delivery.preflight.examination import sender_domain

    try:
        live = list(Campaign.objects.open().filter(mode=Campaign.Mode.LIVE))
    except DatabaseError as fault:
        raise CheckFailed(*database_trouble(fault)) from fault
    return list(dict.fromkeys(sender_domain(campaign) for campaign in live))


def examine_domain(domain: str) -> DomainReport:
    """Run the preflight of a domain and keep the result; without a database it is only looked at."""
    from delivery.preflight import examination

    now = timezone.now()
    found = examination.examine(domain)
    try:
        examination.keep(domain, found, at=now)
        reason = examination.stored_reason(domain, at=now) or ""
        note = ""
    except DatabaseError as fault:
        reason = "" if all(finding.ok for finding in found) else "Live sends would be held."
        note = f"The result could not be kept: {database_trouble(fault)[0]}."
    return DomainReport(domain, found, reason, note)
