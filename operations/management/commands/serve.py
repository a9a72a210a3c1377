"""Run the production processes."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from operations import doctor, process_supervisor, static_files
from operations.process_supervisor import Supervisor
from operations.startup_errors import Refusal


class Command(BaseCommand):
    help = "Run web server, workers and timetable on the configured database, Redis and mail server, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on (default: 127.0.0.1).")
        parser.add_argument("--port", type=int, default=8000, help="The port to listen on (default: 8000).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse what is not fit for production, then start everything and watch it."""
        host, port = options["host"], options["port"]
        self._refuse_a_demo()
        with Supervisor(settings.DATA_DIR, say=self._say) as supervisor:
            process_supervisor.require_port(port, host)
            self._prepare()
            add_processes(supervisor, host=host, port=port)
            self._say("Starting …")
            supervisor.start()
            where = f"http://{host}:{port}"
            supervisor.announce(where)
            self._say(f"Serving {settings.PUBLIC_URL} at {where}. Logs: {settings.DATA_DIR / 'logs'}. Ctrl-C stops it.")
            supervisor.run()
        self._say("Stopped.")

    def _say(self, line: str) -> None:
        self.stderr.write(line, str)  # unstyled: progress is no error

    def _refuse_a_demo(self) -> None:
        """Stop with a line for each finding of `check --deploy` at WARNING or above."""
        found = [finding for finding in run_checks(include_deployment_checks=True) if finding.level >= WARNING]
        for finding in found:
            if not finding.is_silenced():
                hint = f" {finding.hint}" if finding.hint else ""
                self._say(" ".join(f"{finding.id}: {finding.msg}{hint}".split()))
        if any(not finding.is_silenced() for finding in found):
            raise Refusal(
                "Not started: these settings are not fit for production. See docs/operating/install/README.md."
            )

    def _prepare(self) -> None:
        """Stop unless database, tables and Redis are there; bring static files and roles up to date."""
        for name in ("database", "migrations", "tables", "broker"):
            finding = doctor.run_probe(name, doctor.PROBES[name])
            if not finding.ok:
                raise Refusal(f"Not started: {name}: {finding.says}. {doctor.advice(finding)}")
        static_files.collect_missing(self._say)
        if not doctor.run_probe("roles", doctor.roles).ok:
            call_command("sync_roles", stdout=StringIO())


def add_processes(supervisor: Supervisor, *, host: str, port: int) -> None:
    """Add the web server, a worker for the tick, one for heavy work, one for films, one for upkeep and one for each queue of mail, and the beat."""
    asked_at = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else f"[{host}]" if ":" in host else host  # noqa: S104  (compared, not bound)
    supervisor.add(
        "web",
        process_supervisor.web_server(host, port, settings.WEB_PROCESSES, settings.WEB_THREADS),
        ready=process_supervisor.url_answers(f"http://{asked_at}:{port}/health/live"),
    )
    for queue in settings.CELERY_TASK_QUEUES:
        name = f"worker-{queue.name}"
        processes = (
            1
            if queue.name in {"urgent-planning", "tick", "background", "films", "upkeep"}
            else settings.WORKER_PROCESSES
        )
        supervisor.add(
            name,
            process_supervisor.celery_worker(queue.name, [queue.name], processes),
            ready=supervisor.log_contains(name, process_supervisor.WORKER_READY),
        )
    supervisor.add("beat", process_supervisor.celery_beat(settings.DATA_DIR))
