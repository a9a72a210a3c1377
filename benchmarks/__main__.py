"""
`./run bench WORD [options]` prints one JSON line.

    send     --recipients N --connections N [--delay MS]   a send by real workers, against smtp-source
    esp      --recipients N --connections N                the same by a provider's API, against a local fake one
    channel  --channel sms|push|telegram|whatsapp|rooms --recipients N --limit N        urgent word by another channel, against a local provider that takes
                                                           so many messages a second and refuses what comes faster
    fanout   --recipients N                                from a send to its rows, against a bare INSERT … SELECT
    urgent   --recipients N --digest N                     urgent bulletins while a digest (1,000,000) is planned,
                                                           fanned out and sent; --beside transcoding: while a film is encoded
    crisis   --subscribers N --price P [--picture FILE]    a crisis's first day: 1,000,000 subscribers, 5,000 influencers, a
                                                           relay that answers as real ones do, a lost worker host,
                                                           PostgreSQL failed over; P is the price of a processor's hour
    killed   --recipients N                                a send of which one of two workers is killed
    hosts    --recipients N [--delay MS]                   a send by one, two and four worker hosts, 50 ms to each reply
    tick     --open-sends N                                the idle tick beside N sends of a million, one row of each to go
    webhook                                                providers' reports, 200 a second
    desk                                                   every page of the desk, with 500 bulletins on it
    night                                                  the night of Nokia in a browser: what is pressed, filled in, waited for
    growth   --rows N                                      every list and page of the desk beside N (2,000,000) ledger rows
                                                           and what goes with them, and beside a tenth
    preview                                                a bulletin as mail, as portal page, as text
    cards                                                  the message cards of a bulletin: 3 sizes × 3 languages × 5 messages
    moving                                                 the moving cards of a bulletin, each for itself; needs FFmpeg
    alike    --recipients N                                which of N claims (10,000) a text is like, on both databases
    check                                                  a pasted text against 2,000 bulletins and 10,000 claims
    facts                                                  the page of a fact-check, with 10,000 claims published
    impact                                                 the pages of a week and of measures, with three years of 200 of them: 100,000 snapshots, 50,000 posts
    facts-found                                            which facts of marked texts are found; needs no database
    paraphrase                                             which posts contradict what holds, of labelled pairs; no database
    portal                                                 an influencer's pages, and a bulletin on a phone with slow 4G
    choosing --influencers N [--picture FILE]              a hundred of N influencers (3,800), against the largest, random ones
    search   --bulletins N                                 what people look for among N bulletins (10,000) in three languages
    people   --recipients N                                a CSV file of N influencers (100,000), read and stored
    read                                                   a bulletin's page that everyone reads at once; corrections
    digest   --subscribers N                               a slot of digests for N (1,000,000) subscribers, to its rows
    recall   --exposures N                                 the recall of a bulletin that N (2,000) people know, planned

On PostgreSQL and Redis of its own, as durable as in production; --embedded: on SQLite and the file system.
What a bench runs besides that (smtp-source and smtp-sink of postfix; wrk and nginx for `read`) it installs on Debian and Ubuntu as
root, and says so; elsewhere it names the command.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

WORDS = (
    "send",
    "esp",
    "channel",
    "fanout",
    "urgent",
    "crisis",
    "killed",
    "hosts",
    "tick",
    "webhook",
    "desk",
    "night",
    "growth",
    "preview",
    "cards",
    "moving",
    "alike",
    "check",
    "facts",
    "impact",
    "facts-found",
    "paraphrase",
    "portal",
    "choosing",
    "people",
    "recall",
    "search",
    "read",
    "digest",
)


def main() -> int:
    """Set the place up, measure, print. Return the exit status."""
    if not sys.argv[1:] or sys.argv[1] in {"-h", "--help", "help"}:
        print(__doc__.strip())
        return 0
    parser = argparse.ArgumentParser(prog="./run bench", add_help=False)
    parser.add_argument("word", choices=WORDS)
    parser.add_argument(
        "--recipients",
        "--influencers",
        "--exposures",
        "--subscribers",
        "--open-sends",
        "--rows",
        "--bulletins",
        type=int,
    )
    parser.add_argument("--digest", type=int, default=1_000_000)
    parser.add_argument("--picture", default="")
    parser.add_argument("--price", type=float, default=0.05)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--delay", type=int, default=0)
    parser.add_argument("--channel", choices=("sms", "push", "telegram", "whatsapp", "rooms"), default="sms")
    parser.add_argument("--beside", choices=("digest", "transcoding"), default="digest")
    parser.add_argument("--limit", type=int, default=250)
    parser.add_argument("--embedded", action="store_true")
    options = parser.parse_args(namespace=argparse.Namespace(network=None, standby=None))
    if options.word == "crisis" and options.embedded:
        parser.error("crisis needs a standby, which SQLite has not")

    if options.word in {"facts-found", "paraphrase"}:
        from . import facts_found, paraphrases

        measured = facts_found.facts_found() if options.word == "facts-found" else paraphrases.paraphrase()
        print(json.dumps({"bench": options.word, **measured}))
        return 0

    from operations.startup_errors import Refusal

    from . import environment

    # So that the servers and workers of this run are stopped too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(f"Stopped by signal {number}."))
    try:
        with contextlib.ExitStack() as stack:
            if options.word == "hosts":
                from .mail import hosts

                options.delay = options.delay or hosts.DELAY_MS
                options.network = stack.enter_context(hosts.network())
            host = options.network.address if options.network else "127.0.0.1"
            options.standby = stack.enter_context(
                environment.parts(embedded=options.embedded, host=host, with_standby=options.word == "crisis")
            )
            print(json.dumps(measure(options, host)))
    except Refusal as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def migrate() -> None:
    """Migrate by a process of its own: the memory that it takes is not what is measured."""
    from . import environment

    words = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(words, cwd=environment.ROOT, check=True)


def lead(options: argparse.Namespace, host: str, sink: Any, provider: Any, phones: Any, inbox: Any) -> None:
    """Say in the environment where messages go, before the settings are read."""
    if options.word == "hosts":
        os.environ |= {"MAIL_URL": f"smtp://{host}:{sink.port}", "PREFLIGHT": "false"}
    else:
        port = inbox.port if options.word == "crisis" else sink.port
        os.environ["EXERCISE_MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    if options.word in {"send", "esp"}:
        os.environ["SEND_CONNECTIONS"] = "1"  # so a worker process is a connection
    if options.word == "esp":
        os.environ |= provider.environment
    if options.word == "channel":
        os.environ |= phones.environment


def measure(options: argparse.Namespace, host: str) -> dict[str, Any]:
    """Migrate the database and run the bench."""
    import django

    from . import cards, csv_import, recall, selection, similarity
    from .crisis import first_day, relay
    from .mail import channel, digest, esp, fanout, hosts, killed, send, sinks, tick, webhooks
    from .pages import check_text, desk, facts, growth, impact, night, portal, public_page, search

    with (
        sinks.sink(delay_ms=options.delay, host=host) as sink,
        esp.provider() as provider,
        channel.provider(options.limit) as phones,
        relay.relay() as inbox,
    ):
        lead(options, host, sink, provider, phones, inbox)
        migrate()
        django.setup()
        from django.db import connection

        benches: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {
            "send": (10_000, lambda number: send.send(number, options.connections, sink)),
            "esp": (100_000, lambda number: esp.esp(number, options.connections, provider)),
            "channel": (100_000, lambda number: channel.channel(number, options, phones)),
            "fanout": (1_000_000, fanout.fanout),
            "urgent": (2_000, lambda number: urgent_beside(number, options, sink)),
            "crisis": (first_day.SUBSCRIBERS, lambda number: first_day.crisis(number, inbox, options)),
            "killed": (60_000, killed.killed),
            "hosts": (hosts.RECIPIENTS, lambda number: hosts.hosts(number, options.network, sink)),
            "tick": (30, tick.tick),
            "webhook": (3_000, lambda number: webhooks.webhook()),
            "desk": (desk.PEOPLE, lambda number: desk.desk()),
            "night": (night.PEOPLE, lambda number: night.night()),
            "growth": (growth.ROWS, growth.growth),
            "preview": (desk.PEOPLE, lambda number: desk.preview()),
            "cards": (0, lambda number: cards.cards()),
            "moving": (0, lambda number: cards.moving()),
            "alike": (similarity.CLAIMS, similarity.alike),
            "check": (0, lambda number: check_text.check()),
            "facts": (facts.CLAIMS, lambda number: facts.facts()),
            "impact": (impact.SNAPSHOTS, lambda number: impact.impact()),
            "portal": (portal.INFLUENCERS, lambda number: portal.portal()),
            "people": (csv_import.ROWS, csv_import.people),
            "search": (search.BULLETINS, search.search),
            "recall": (recall.EXPOSURES, recall.recall),
            "digest": (digest.SUBSCRIBERS, digest.digest),
            "read": (0, lambda number: public_page.read()),
            "choosing": (selection.INFLUENCERS, lambda number: selection.choosing(number, options.picture)),
        }
        usual, bench = benches[options.word]
        result = bench(number := options.recipients or usual)
        versions = {
            "python": platform.python_version(),
            "django": django.get_version(),
            "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
        }
        connection.close()
    return {"bench": options.word, "recipients": number, **result, "versions": versions}


def urgent_beside(recipients: int, options: argparse.Namespace, sink: Any) -> dict[str, Any]:
    """Measure urgent bulletins beside what was asked for."""
    from .mail import encoded_film, urgent

    if options.beside == "transcoding":
        return encoded_film.urgent_beside_transcoding(recipients, sink)
    return urgent.urgent(recipients, options.digest, sink)


if __name__ == "__main__":
    sys.exit(main())
