"""
A mail catcher: an SMTP server that keeps every message whole and never passes one on, and a page to read them.

    python -m demo.mail_catcher --smtp-port 1025 --http-port 8025 --database var/caught.sqlite3

It listens on loopback only and needs no Django settings. A message is committed to the SQLite file before
its sender hears "250".
"""

import argparse
import asyncio
import email
import email.policy
import html
import logging
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
LARGEST = 32 * 2**20  # bytes in one message
PAGE = 50  # messages on a page of the list
END_OF_DATA = b"\r\n.\r\n"
STUFFED = re.compile(rb"(?m)^\.\.")
HEAD = re.compile(r"(?i)\A((?:(?!<body|<head).){0,2000}<head[^>]*>|)", re.S)
ADDRESS = re.compile(r"https?://[^\s<>\"“”»’]+[^\s<>\".,;:!?)\]“”»’]")

SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY,
    received_at TEXT NOT NULL,  -- ISO 8601, UTC
    mail_from TEXT NOT NULL,
    rcpt TEXT NOT NULL,  -- the envelope's recipients, separated by a comma and a space
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    language TEXT NOT NULL,  -- Content-Language, or ''
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_by_rcpt ON mail (rcpt);
CREATE INDEX IF NOT EXISTS mail_by_language ON mail (language, id);
CREATE INDEX IF NOT EXISTS mail_by_message_id ON mail (message_id);
"""


# --- Keeping ----------------------------------------------------------------------------------------


class Mailbox:
    """The SQLite file of caught mail. A connection per thread; one process writes."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self.db.executescript(SCHEMA)

    @property
    def db(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "db", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.db = connection
        return connection

    def keep(self, *, mail_from: str, rcpts: list[str], raw: bytes, at: datetime) -> int:
        """Store one message and commit; return its id. Raise sqlite3.Error when it cannot be kept."""
        head = BytesHeaderParser().parsebytes(raw[: header_end(raw)])
        cursor = self.db.execute(
            "INSERT INTO mail (received_at, mail_from, rcpt, subject, message_id, language, raw) VALUES (?,?,?,?,?,?,?)",
            (
                at.astimezone(UTC).isoformat(timespec="milliseconds"),
                clean(mail_from),
                clean(", ".join(rcpts)),
                decoded(head.get("Subject")),
                decoded(head.get("Message-ID")).strip(),
                decoded(head.get("Content-Language")).strip().lower(),
                raw,
            ),
        )
        return cursor.lastrowid or 0

    def page(self, *, search: str, language: str, before: int | None, after: int | None) -> tuple[list[Any], int]:
        """
        Return up to PAGE + 1 messages, newest first, and how many match in all.

        `search` is looked for in recipient and subject. `before` and `after` are ids: older, newer than.
        """
        terms, values = ["1"], []
        if search:
            terms.append("(rcpt LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\')")
            pattern = "%" + re.sub(r"([\\%_])", r"\\\1", search) + "%"
            values += [pattern, pattern]
        if language:
            terms.append("language = ?")
            values.append(language)
        # The terms are those above; whatever came from outside is in `values`.
        count = f"SELECT count(*) FROM mail WHERE {' AND '.join(terms)}"  # noqa: S608
        total = self.db.execute(count, values).fetchone()[0]
        order = "DESC"
        if before is not None:
            terms.append("id < ?")
            values.append(str(before))
        elif after is not None:
            terms.append("id > ?")
            values.append(str(after))
            order = "ASC"
        rows = self.db.execute(
            "SELECT id, received_at, mail_from, rcpt, subject, language, length(raw) AS size FROM mail "  # noqa: S608
            f"WHERE {' AND '.join(terms)} ORDER BY id {order} LIMIT {PAGE + 1}",
            values,
        ).fetchall()
        return rows, total

    def languages(self) -> list[tuple[str, int]]:
        """Return each language with its number of messages."""
        return [tuple(row) for row in self.db.execute("SELECT language, count(*) FROM mail GROUP BY 1 ORDER BY 1")]

    def one(self, pk: int) -> Any:
        """Return one message, or None."""
        return self.db.execute("SELECT * FROM mail WHERE id = ?", (pk,)).fetchone()

    def neighbours(self, pk: int) -> tuple[int | None, int | None]:
        """Return the ids of the next newer and the next older message."""
        return (
            self.db.execute("SELECT min(id) FROM mail WHERE id > ?", (pk,)).fetchone()[0],
            self.db.execute("SELECT max(id) FROM mail WHERE id < ?", (pk,)).fetchone()[0],
        )


def header_end(raw: bytes) -> int:
    """Return where the header of a message ends, in bytes."""
    end = raw.find(b"\r\n\r\n")
    return len(raw) if end < 0 else end


def clean(text: str) -> str:
    """Return `text` without lone surrogates, which SQLite does not take."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded(value: Any) -> str:
    """Return a header's value as people read it; as it stands when its encoding is broken; "" for None."""
    if value is None:
        return ""
    try:
        return clean(str(make_header(decode_header(value))))
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return clean(str(value))


# --- SMTP -------------------------------------------------------------------------------------------


class FastSMTP(SMTP):
    """
    aiosmtpd, but a message is read in large pieces and not line by line: ten times as fast for a bulletin.

    Commands that were sent along with the message (PIPELINING) go back to the reader.
    """

    line_length_limit = 2**18

    async def smtp_DATA(self, arg: str | None) -> None:
        """Read up to the lone dot, hand the message to the mailbox, answer."""
        assert self.envelope is not None
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        data = bytearray(b"\r\n")  # so that a message without a line ends like any other
        size, end = 0, -1
        while end < 0:
            searched = max(0, len(data) - len(END_OF_DATA))
            piece = await self._reader.read(2**30)
            if not piece:
                self._writer.close()
                return
            size += len(piece)
            data += piece
            end = data.find(END_OF_DATA, searched)
            if end < 0 and size > LARGEST:
                del data[: -len(END_OF_DATA)]  # too large: only the end still matters
        rest = bytes(data[end + len(END_OF_DATA) :])
        if rest and not self._reader.at_eof():
            # The read above emptied the reader and nothing ran since, so this comes before all that follows.
            self._reader.feed_data(rest)
        if size > LARGEST:
            self._set_post_data_state()
            await self.push("552 Error: Too much mail data")
            return
        self.envelope.content = self.envelope.original_content = STUFFED.sub(b".", bytes(data[2 : end + 2]))
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)


class Keeper:
    """aiosmtpd's handler: every recipient is welcome, every message is kept."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer PIPELINING beside what aiosmtpd offers."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", *responses[-1:]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message and say under which number; 452 when the disk does not take it."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            pk = self.mailbox.keep(
                mail_from=envelope.mail_from or "", rcpts=envelope.rcpt_tos, raw=raw, at=datetime.now(UTC)
            )
        except sqlite3.Error as fault:
            return f"452 4.3.1 Not kept: {fault}"
        return f"250 2.0.0 Kept as {pk}"


# --- Reading ----------------------------------------------------------------------------------------

STYLE = """
:root { color-scheme: light dark; --page: #f3f6f6; --surface: #fff; --sunken: #e8eeee; --ink: #0e2229;
  --ink-soft: #43565c; --line: #d2dcde; --edge: #667a80; --lake: #0b5166; --lake-tint: #dcedf1;
  --night: #06303d; --on-night: #fff; --on-night-soft: #b9d6dd; --cloud: #ffb43c; --on-cloud: #06303d; --focus: #0b5166; }
@media (prefers-color-scheme: dark) { :root { --page: #0a171b; --surface: #10232a; --sunken: #0d1d22; --ink: #e9f2f3;
  --ink-soft: #abc0c6; --line: #2a444c; --edge: #7f9aa2; --lake: #86d3e4; --lake-tint: #16343e; --night: #0d2b36;
  --cloud: #ffc163; --focus: #86d3e4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.55 -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "Liberation Sans", "Helvetica Neue", Arial, sans-serif; }
a { color: var(--lake); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.wrap { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { background: var(--night); color: var(--on-night); padding: 1rem 0 1.25rem; }
header :focus-visible { outline-color: var(--cloud); }
header h1 { font-size: 1.5rem; line-height: 1.15; margin: 0 0 .25rem; overflow-wrap: anywhere; }
header p { margin: 0; color: var(--on-night-soft); }
header a { color: var(--on-night); display: inline-flex; align-items: center; min-height: 2.75rem; }
main.wrap { padding-block: 1rem 3rem; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1rem; }
label { display: block; font-weight: 650; font-size: .9375rem; }
form div:first-child { flex: 1 1 16rem; }
input, select, button, .button { font: inherit; min-height: 2.75rem; border: 1px solid var(--edge); border-radius: .375rem;
  padding: .25rem .75rem; background: var(--surface); color: var(--ink); width: 100%; }
button, .button { width: auto; display: inline-flex; align-items: center; font-weight: 650; text-decoration: none; cursor: pointer; }
button { background: var(--lake); color: var(--surface); border-color: var(--lake); }
ul.mails { list-style: none; margin: 0; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: .625rem; }
ul.mails li + li { border-top: 1px solid var(--line); }
ul.mails a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .625rem 1rem; color: inherit; text-decoration: none; }
ul.mails a:hover { background: var(--lake-tint); }
ul.mails strong { overflow-wrap: anywhere; }
ul.mails span { color: var(--ink-soft); font-size: .9375rem; overflow-wrap: anywhere; }
ul.mails span.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 36rem) { ul.mails a { grid-template-columns: 1fr; } ul.mails span.right { text-align: left; } }
nav { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: 1rem 0; }
.empty { background: var(--sunken); border-radius: .625rem; padding: 1.5rem; }
section { margin: 0 0 1.5rem; }
h2 { font-size: 1.25rem; line-height: 1.35; margin: 0 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; background: var(--surface);
  border: 1px solid var(--line); border-radius: .625rem; padding: .75rem 1rem; font-size: .9375rem; }
dt { font-weight: 650; } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .375rem; } }
iframe { width: 100%; height: 80vh; border: 1px solid var(--line); border-radius: .625rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--surface); border: 1px solid var(--line);
  border-radius: .625rem; padding: 1rem; font: .9375rem/1.5 ui-monospace, "SF Mono", "Roboto Mono", "Liberation Mono", monospace; }
"""

CSP = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# A mail's HTML brings its own styles and may link out. It runs no script, sends no form, loads nothing.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def esc(value: Any) -> str:
    """Escape for HTML text and attributes."""
    return html.escape(str(value), quote=True)


def as_int(text: str) -> int | None:
    """Return `text` as an id, or None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def frame(title: str, lead: str, body: str) -> str:
    """Return a whole page. `title` is text, `lead` and `body` are HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{esc(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f'<body><header><div class="wrap"><h1>{esc(title)}</h1>{lead}</div></header>'
        f'<main class="wrap">{body}</main></body></html>'
    )


def list_page(mailbox: Mailbox, query: dict[str, str]) -> str:
    """Return the list: newest first, searched, filtered, a page at a time."""
    search, language = query.get("q", "").strip(), query.get("language", "")
    before, after = as_int(query.get("before", "")), as_int(query.get("after", ""))
    rows, total = mailbox.page(search=search, language=language, before=before, after=after)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if before is None and after is not None:
        rows.reverse()
        newer, older = more, True
    else:
        newer, older = before is not None, more

    def link(**where: Any) -> str:
        return "/?" + urlencode(
            {key: value for key, value in {"q": search, "language": language, **where}.items() if value}
        )

    counts = mailbox.languages()
    everything = sum(count for _code, count in counts)
    if rows:
        pages = "".join(
            [
                f'<a class="button" href="{esc(link(after=rows[0]["id"]))}">Newer</a>' if newer else "",
                f'<a class="button" href="{esc(link(before=rows[-1]["id"]))}">Older</a>' if older else "",
            ]
        )
        body = listed(rows) + (f'<nav aria-label="Pages">{pages}</nav>' if pages else "")
    elif everything:
        body = '<p class="empty">No caught mail matches. <a href="/">Show all</a></p>'
    else:
        body = '<p class="empty">No mail yet. Whatever the site sends appears here; reload the page to look again.</p>'
    matching = f"{total:,} of {everything:,} messages match." if search or language else f"{everything:,} messages."
    lead = f"<p>{matching} Nothing here has left this machine.</p>"
    return frame("Caught mail", lead, search_form(search, language, counts) + body)


def search_form(search: str, language: str, counts: Iterable[tuple[str, int]]) -> str:
    """Return the form above the list; `counts` are (language, how many messages)."""
    options = "".join(
        f'<option value="{esc(code)}"{" selected" if code == language else ""}>{esc(code)} ({count:,})</option>'
        for code, count in counts
        if code
    )
    return (
        f'<form action="/"><div><label for="q">Recipient or subject</label><input id="q" name="q" type="search" value="{esc(search)}"></div>'
        '<div><label for="language">Language</label><select id="language" name="language">'
        f'<option value="">all</option>{options}</select></div><button>Search</button></form>'
    )


def listed(rows: Iterable[Any]) -> str:
    """Return messages as a list."""
    items = "".join(
        f'<li><a href="/mail/{row["id"]}"><strong>{esc(row["subject"] or "(no subject)")}</strong>'
        f'<span class="right">{esc(local_time(row["received_at"]))}</span>'
        f"<span>to {esc(row['rcpt'])}</span>"
        f'<span class="right">{esc(row["language"])} · {row["size"] / 1000:,.1f} kB</span></a></li>'
        for row in rows
    )
    return f'<ul class="mails">{items}</ul>'


def local_time(stamp: str) -> str:
    """Return a stored time as local date and time, with the machine's time zone."""
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def parsed(raw: bytes) -> EmailMessage:
    """Return the message as parts."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def part_of(message: EmailMessage, kind: str) -> str | None:
    """Return the text of the "plain" or "html" part, or None when there is none."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            try:
                return str(part.get_content())
            except (LookupError, ValueError):
                payload = part.get_payload(decode=True)
                return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return None


def headers_of(raw: bytes) -> list[tuple[str, str]]:
    """Return every header, in order, as people read it."""
    head = BytesHeaderParser().parsebytes(raw[: header_end(raw)])
    return [(name, decoded(value)) for name, value in head.items()]


def linked(text: str) -> str:
    """Return text as HTML, with its web addresses as links."""
    out, at = [], 0
    for found in ADDRESS.finditer(text):
        address = esc(found[0])
        out.append(f'{esc(text[at : found.start()])}<a href="{address}" rel="noreferrer">{address}</a>')
        at = found.end()
    return "".join(out) + esc(text[at:])


def mail_page(mailbox: Mailbox, row: Any) -> str:
    """Return the view of one message."""
    message = parsed(row["raw"])
    newer, older = mailbox.neighbours(row["id"])
    pages = "".join(
        [
            f'<a class="button" href="/mail/{newer}">Newer</a>' if newer else "",
            f'<a class="button" href="/mail/{older}">Older</a>' if older else "",
            f'<a class="button" href="/mail/{row["id"]}/raw">Download as .eml</a>',
        ]
    )
    envelope = [
        ("Received", local_time(row["received_at"])),
        ("Envelope from", row["mail_from"]),
        ("Envelope to", row["rcpt"]),
    ]
    rows = "".join(f"<dt>{esc(name)}</dt><dd>{esc(value)}</dd>" for name, value in envelope + headers_of(row["raw"]))
    text, rich = part_of(message, "plain"), part_of(message, "html")
    language = f' lang="{esc(row["language"])}"' if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", row["language"]) else ""
    body = f'<nav aria-label="This message">{pages}</nav>'
    if rich is not None:
        body += (
            "<section><h2>As HTML</h2>"
            f'<iframe title="The message as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/{row["id"]}/html"></iframe>'
            f'<p><a href="/mail/{row["id"]}/html">Open the HTML part alone</a></p></section>'
        )
    if text is not None:
        body += f"<section><h2>As text</h2><pre{language}>{linked(text)}</pre></section>"
    body += f"<section><h2>Headers</h2><dl>{rows}</dl></section>"
    lead = f'<p>to {esc(row["rcpt"])}</p><a href="/">All caught mail</a>'
    return frame(row["subject"] or "(no subject)", lead, body)


class Reader(BaseHTTPRequestHandler):
    """The pages. Only GET and HEAD; nothing here changes anything."""

    mailbox: Mailbox
    protocol_version = "HTTP/1.1"
    server_version = "catcher"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a page, a part of a message, or 404."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or ""
        if host not in {LOOPBACK, "localhost", "[::1]"}:
            # A page elsewhere could point its own name at this machine and read the mail.
            return self._answer(HTTPStatus.MISDIRECTED_REQUEST, "text/plain; charset=utf-8", b"Use 127.0.0.1.\n")
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/":
            return self._page(list_page(self.mailbox, query))
        if parts.path == "/style.css":
            return self._answer(HTTPStatus.OK, "text/css; charset=utf-8", STYLE.encode())
        if found := re.fullmatch(r"/mail/(\d{1,15})(/raw|/html)?", parts.path):
            row = self.mailbox.one(int(found[1]))
            if row is not None:
                return self._message(row, found[2])
        body = '<p class="empty">There is no such page. <a href="/">All caught mail</a></p>'
        return self._page(frame("Not found", "", body), HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def _message(self, row: Any, form: str | None) -> None:
        if form == "/raw":
            name = f'attachment; filename="{row["id"]}.eml"'
            return self._answer(HTTPStatus.OK, "message/rfc822", row["raw"], disposition=name)
        if form == "/html":
            # A link in the mail opens a tab of its own: inside the frame it could only be refused.
            rich = HEAD.sub(r'\1<base target="_blank">', part_of(parsed(row["raw"]), "html") or "", count=1)
            return self._answer(HTTPStatus.OK, "text/html; charset=utf-8", clean(rich).encode(), policy=MAIL_CSP)
        return self._page(mail_page(self.mailbox, row))

    def _page(self, text: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(status, "text/html; charset=utf-8", clean(text).encode())

    def _answer(
        self, status: HTTPStatus, kind: str, body: bytes, *, policy: str = CSP, disposition: str | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if disposition:
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


# --- Both together ----------------------------------------------------------------------------------


async def serve(mailbox: Mailbox, *, smtp_port: int, http_port: int) -> None:
    """Run both servers on loopback until SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    keeper = Keeper(mailbox)
    smtp = await loop.create_server(
        lambda: FastSMTP(
            keeper,
            enable_SMTPUTF8=True,
            decode_data=False,
            data_size_limit=LARGEST,
            hostname="catcher.localhost",
            ident="catcher",
            loop=loop,
        ),
        LOOPBACK,
        smtp_port,
        backlog=512,
    )
    reader = type("BoundReader", (Reader,), {"mailbox": mailbox})
    ThreadingHTTPServer.request_queue_size = 64
    pages = ThreadingHTTPServer((LOOPBACK, http_port), reader)
    pages.daemon_threads = True
    threading.Thread(target=pages.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    print(f"Catching mail on {LOOPBACK}:{smtp_port}; read it at http://{LOOPBACK}:{http_port}/", flush=True)
    try:
        await stop.wait()
    finally:
        smtp.close()
        pages.shutdown()
        pages.server_close()


def main(words: list[str] | None = None) -> int:
    """Read the command line and serve; one sentence and status 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m demo.mail_catcher", description="Catch mail and show it.")
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--database", type=Path, required=True, help="the SQLite file to keep the mail in")
    options = parser.parse_args(words)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd logs every command of every mail otherwise
    try:
        asyncio.run(serve(Mailbox(options.database), smtp_port=options.smtp_port, http_port=options.http_port))
    except (OSError, OverflowError, sqlite3.Error) as fault:
        print(
            f"The mail catcher did not start: {fault}. "
            f"It needs ports {options.smtp_port} and {options.http_port} on {LOOPBACK} and a file it can write at {options.database}.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
