"""
The whole chain without a person: every step is taken as its person would take it, over HTTP, and what came of
it is read back from the mail that was caught, the portal page and the send ledger.
"""

import json
import os
import re
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from operations import process_supervisor

from .browser import Browser, BrowsingError, Form, Page
from .exercise.participants.people import PASSWORD

LANGUAGES = ("fi", "sv", "en")
PATIENCE_SECONDS = 120
INPUT = {
    "title": "Kirjastot avataan asteittain maanantaista alkaen",
    "body": "Yleiset kirjastot avataan 1. kesäkuuta alkaen. Lukusaleissa saa olla enintään 10 henkilöä kerrallaan.",
}
EDITIONS = {
    "fi": {
        "title": "Kirjastot avautuvat 1. kesäkuuta",
        "subject": "Kirjastot avautuvat 1. kesäkuuta",
        "preheader": "Lainaaminen onnistuu taas. Lukusaliin mahtuu kymmenen.",
        "body": "Hei!\n\n## Mitä päätettiin\n\n- Kirjastot avautuvat 1. kesäkuuta.\n- Lukusalissa saa olla 10 ihmistä kerrallaan.",
        "message": "Kirjastot avautuvat 1. kesäkuuta.",
    },
    "sv": {
        "title": "Biblioteken öppnar den 1 juni",
        "subject": "Biblioteken öppnar den 1 juni",
        "preheader": "Du kan låna igen. I läsesalen ryms tio.",
        "body": "Hej!\n\n## Vad som beslutades\n\n- Biblioteken öppnar den 1 juni.\n- I läsesalen får det vara 10 personer åt gången.",
        "message": "Biblioteken öppnar den 1 juni.",
    },
    "en": {
        "title": "Libraries open on 1 June",
        "subject": "Libraries open on 1 June",
        "preheader": "You can borrow again. The reading room takes ten.",
        "body": "Hi!\n\n## What was decided\n\n- Libraries open on 1 June.\n- The reading room takes 10 people at a time.",
        "message": "Libraries open on 1 June.",
    },
}


def run(
    base_url: str,
    caught: Path,
    *,
    environment: Mapping[str, str],
    watch: Callable[[], None],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """
    Send one bulletin through everything and return what the check prints: "ok", the ledger, and the mail caught.

    `watch` raises when one of the processes has died. A step that fails ends it, with "ok" false and "fault".
    """
    journey = Journey(base_url, caught, environment, watch, say)
    try:
        return journey.run()
    except BrowsingError as fault:
        return {"ok": False, "fault": str(fault)}


class Journey:
    """One bulletin's way, and what is known of it so far."""

    def __init__(
        self,
        base_url: str,
        caught: Path,
        environment: Mapping[str, str],
        watch: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.base_url = base_url
        self.caught = caught
        self.environment = environment
        self.watch = watch
        self.say = say
        self.number = 0

    def run(self) -> dict[str, Any]:
        """Take all steps in turn."""
        self.say("  The ministry submits a message input …")
        self.submit_input()
        self.say("  An editor drafts a bulletin in three languages …")
        self.draft()
        self.say("  A second person approves it …")
        self.approve()
        self.say("  The tick publishes it, plans the send and wakes a worker …")
        ledger = self.wait_for_the_ledger()
        self.say("  The caught mail and the portal are read …")
        mail = self.read_mail()
        self.read_portal()
        return self.verdict(ledger, mail)

    # --- What people do ---------------------------------------------------------------------------

    def submit_input(self) -> None:
        """Log in as the ministry's contributor and send a message input."""
        browser = self.by_code("contributor@example.org", "en")
        page = browser.get("/en/inputs/new/")
        page = browser.submit(page, page.form("title", "body"), {**INPUT, "urgency": "elevated", "language": "fi"})
        if INPUT["title"] not in page.html:
            raise BrowsingError("The message input is not on the ministry's page after it was sent.")

    def draft(self) -> None:
        """As an editor, start a bulletin from the input, write it in each language and submit it for approval."""
        editor = self.in_the_desk("editor@example.org")
        page = editor.get("/desk/bulletins/bulletin/add/")
        form = page.form("inputs")
        box = re.search(
            r'name="inputs"[^>]*value="(\d+)"[^>]*>(?:(?!<input).)*' + re.escape(INPUT["title"]), page.html, re.S
        )
        if box is None:
            raise BrowsingError("The desk does not offer the ministry's message input for a new bulletin.")
        page = editor.submit(page, form, {"inputs": box[1], "urgency": "elevated"})
        self.bulletin = page.url.rstrip("/").removesuffix("/change").rpartition("/")[2]
        self.fill_in(editor)
        page = editor.get(f"/desk/bulletins/bulletin/{self.bulletin}/approval/")
        page = editor.submit(page, page.form(action="/step/submit/"))
        self.in_state(page, "submitted", f"/desk/bulletins/bulletin/{self.bulletin}/read/")

    def fill_in(self, editor: Browser) -> None:
        """Write the editions, one key message and the audiences into the parts of the compose page."""
        way = f"/desk/bulletins/bulletin/{self.bulletin}/"
        for code in LANGUAGES:
            page = editor.get(f"{way}change/")
            forms = dict(re.findall(r'data-part="edition:(\w+)".*?action="([^"]+/words/\d+/)"', page.html, re.DOTALL))
            if code not in forms:
                raise BrowsingError(f"The compose page does not offer an edition in {code}.")
            form = page.form("title", "body", action=forms[code])
            values = {name: EDITIONS[code][name] for name in ("title", "subject", "preheader", "body")}
            page = editor.submit(page, form, values | ({"is_current": "on"} if "is_current" in form.names else {}))
            if EDITIONS[code]["title"] not in editor.get(f"{way}change/").html:
                raise BrowsingError(f"The compose page did not take “{EDITIONS[code]['title']}”.")
        token = [("csrfmiddlewaretoken", dict(form.fields)["csrfmiddlewaretoken"])]
        page = editor.submit(page, Form(f"{way}rows/message/add/", token))
        row = page.form(*(f"text-{code}" for code in LANGUAGES))
        number = re.search(r"rows/message/(\d+)/", page.html)
        row.action = f"{way}rows/message/{number[1] if number else 0}/"
        row.fields += token
        said = {f"text-{code}": texts["message"] for code, texts in EDITIONS.items()}
        said |= {f"source_name-{code}": "VNK" for code in LANGUAGES}
        editor.submit(page, row, said | {f"source_url-{code}": "https://vnk.fi/" for code in LANGUAGES})
        self.choose_audiences(editor, f"{way}schedule/")

    def choose_audiences(self, editor: Browser, address: str) -> None:
        """Let it go out at once to every audience that was chosen but the partners, who are in the network too."""
        page = editor.get(address)
        form = page.form("seen", action=address)
        partners = re.search(r'for="to-(\d+)">(?:(?!for="to-).)*?<b>Partners</b>', page.html, re.DOTALL)
        if partners is None:
            raise BrowsingError("The schedule does not offer the audience Partners.")
        form.fields = [field for field in form.fields if field[0] != f"to-{partners[1]}"]
        chosen = [name.removeprefix("to-") for name, _value in form.fields if name.startswith("to-")]
        editor.submit(page, form, {f"when-{pk}": "at_once" for pk in chosen})

    def approve(self) -> None:
        """As someone who wrote none of it, read the bulletin and approve exactly what was read."""
        approver = self.in_the_desk("approver@example.org")
        page = approver.get(f"/desk/bulletins/bulletin/{self.bulletin}/read/")
        for texts in EDITIONS.values():
            if texts["title"] not in page.html:
                raise BrowsingError(f"The approver's page does not show “{texts['title']}”.")
        approver.submit(page, page.form("digest", action="/step/approve/"))

    def read_portal(self) -> None:
        """As an influencer who got the mail, log in with the code that comes by mail and open the bulletin."""
        with self.mailbox() as mailbox:
            query = "SELECT rcpt FROM mail WHERE subject LIKE ? AND language = 'sv' LIMIT 1"
            found = mailbox.execute(query, (f"%{EDITIONS['sv']['subject']}",)).fetchone()
        if found is None:
            raise BrowsingError("Nobody got the bulletin in Swedish.")
        browser = self.by_code(found[0], "sv")
        page = browser.get(f"/sv/portal/bulletins/{self.number}/")
        if EDITIONS["sv"]["title"] not in page.html or EDITIONS["sv"]["message"] not in page.html:
            raise BrowsingError(f"The portal page of bulletin {self.number} does not show it in Swedish.")

    def in_the_desk(self, address: str) -> Browser:
        """Return a browser that is logged in to the desk."""
        browser = Browser(self.base_url)
        page = browser.get("/desk/login/?next=/desk/")
        browser.submit(page, page.form("login", "password"), {"login": address, "password": PASSWORD})
        return browser

    def by_code(self, address: str, language: str) -> Browser:
        """Return a browser that is logged in by a code from the caught mail."""
        browser = Browser(self.base_url, language)
        page = browser.get(f"/{language}/account/login/code/")
        page = browser.submit(page, page.form("email"), {"email": address})
        code = self.wait_for("the login code", lambda: self.login_code(address))
        browser.submit(page, page.form("code"), {"code": code})
        return browser

    def in_state(self, page: Page, what: str, sign: str) -> None:
        """Raise BrowsingError with the desk's own words unless the page shows `sign`."""
        if sign not in page.html:
            told = re.findall(r"Not \w+:[^<]+", page.html)
            raise BrowsingError(f"The bulletin was not {what}. {' '.join(told)}".strip())

    # --- What came of it --------------------------------------------------------------------------

    def wait_for_the_ledger(self) -> dict[str, Any]:
        """Wait until nothing of the send is to go, and return its ledger as the command line tells it."""

        def settled() -> dict[str, Any] | None:
            words = process_supervisor.manage("send_status", "--bulletin", self.bulletin, "--json")
            told = subprocess.run(
                words, env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60, check=False
            )
            if told.returncode:
                return None
            ledger: dict[str, Any] = json.loads(told.stdout)
            return ledger if ledger["candidates"] and not ledger["to_go"] else None

        ledger = self.wait_for("every message to be accounted for", settled, pause=1.0)
        self.number = int(ledger["bulletin"])
        return ledger

    def read_mail(self) -> "Counter[str]":
        """Read every caught message of the bulletin and return how many each address got."""
        count: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        with self.mailbox() as mailbox:
            for (raw,) in mailbox.execute("SELECT raw FROM mail"):
                message = cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
                if message["Precedence"] != "bulk":
                    continue  # a digest, which may have the bulletin's subject, a code or a notice
                language = str(message["Content-Language"])
                if language in EDITIONS and str(message["Subject"]).endswith(EDITIONS[language]["subject"]):
                    text = message.get_body(("plain",))
                    if text is None or EDITIONS[language]["message"] not in " ".join(text.get_content().split()):
                        raise BrowsingError(f"A message in {language} does not say what the bulletin says.")
                    count[message["To"].addresses[0].addr_spec] += 1
                    self.languages[language] += 1
        return count

    def verdict(self, ledger: dict[str, Any], mail: "Counter[str]") -> dict[str, Any]:
        """Return the JSON of the check."""
        caught, duplicates = mail.total(), sum(times - 1 for times in mail.values())
        numbers = {
            name: ledger[name] for name in ("candidates", "accepted", "failed", "suppressed", "unknown", "to_go")
        }
        adds_up = numbers["candidates"] == sum(numbers.values()) - numbers["candidates"]
        return {
            "ok": bool(adds_up and numbers["candidates"] and caught == numbers["accepted"] and not duplicates),
            "inputs": 1,
            "editions": {code: self.languages[code] for code in LANGUAGES},
            **numbers,
            "caught": caught,
            "duplicates": duplicates,
        }

    def mailbox(self) -> Any:
        """Open the caught mail, to read."""
        return sqlite3.connect(f"file:{self.caught}?mode=ro", uri=True, timeout=10)

    def login_code(self, address: str) -> str | None:
        """Return the code of the newest login mail to `address`."""
        with self.mailbox() as mailbox:
            query = "SELECT raw FROM mail WHERE rcpt = ? ORDER BY id DESC LIMIT 5"
            found = [message_from_bytes(raw, policy=policy.default) for (raw,) in mailbox.execute(query, (address,))]
        for message in found:
            if "List-Id" in message:  # a bulletin
                continue
            text = cast(EmailMessage, message).get_body(("plain",))
            code = re.search(r"\b([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\b", text.get_content() if text else "")
            return code[1] if code else None
        return None

    def wait_for(self, what: str, happened: Callable[[], Any], *, pause: float = 0.3) -> Any:
        """Wait until `happened` returns something, and return it. Raise BrowsingError when it takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.watch()
            if result := happened():
                return result
            time.sleep(pause)
        raise BrowsingError(f"Waited {PATIENCE_SECONDS} seconds in vain for {what}.")
