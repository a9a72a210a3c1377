"""
What is new in a mail, apart from what it quotes and from the signature below it. Nothing is thrown away here: what is
folded can be opened.

Mail programs write the line above a quotation in the language of their owner; those of Finnish, Swedish, English and some
neighbours are known here.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

LONGEST_HTML = (
    500_000  # characters that are read of a mail in HTML; a tag of as many attributes takes a hundred times that
)
MOST_LINES = 20_000
WRAPPED = 4  # lines that the line above a quotation may be wrapped into
LONGEST_INTRO = 400  # characters of it

# "On Wed, Mar 25, 2026 at 10:15 AM Coronafacts <…> wrote:", and what it is called elsewhere. Matched on one line.
WROTE = r"(?:wrote|writes|kirjoitti|kirjoittaa|skrev|schrieb|skriver|kirjutas)"
INTRO = re.compile(
    rf"(?:.*\d.*\b{WROTE}\b.{{0,200}}:|.*\b{WROTE}\b.*\d.*:|.*<[^<>\s]+@[^<>\s]+>.{{0,60}}\b{WROTE}\b.{{0,20}}:)\s*",
    re.IGNORECASE,
)
BEGINS_INTRO = re.compile(
    r"\*?(?:On|Den|Am|Le|El|Op|\d{1,4}[.\-/]|(?:ma|ti|ke|to|pe|la|su|mån|tis|ons|tors|fre|lör|sön)\b|.*<[^<>\s]+@[^<>\s]+>)",
    re.IGNORECASE,
)
# Outlook puts the headers of what it quotes above it, and no sign before its lines.
FROM_LINE = re.compile(r"[*_\s]*(?:From|Lähettäjä|Från|Frå|Fra|Von|Saatja)[*_\s]*:", re.IGNORECASE)
OTHER_HEADER = re.compile(
    r"[*_\s]*(?:Sent|Date|To|Cc|Subject|Lähetetty|Päivämäärä|Päiväys|Pvm|Vastaanottaja|Kenelle|Kopio|Aihe|"
    r"Skickat|Skickades|Datum|Till|Kopia|Ämne|Reply-To)[*_\s]*:",
    re.IGNORECASE,
)
RULED_OFF = re.compile(
    r"\s*[-_=]{2,}\s*(?:Original Message|Forwarded message|Alkuperäinen viesti|Välitetty viesti|Edelleenlähetetty viesti|"
    r"Ursprungligt meddelande|Vidarebefordrat meddelande|Originalmeddelande)\s*[-_=]{2,}\s*",
    re.IGNORECASE,
)
RULE = re.compile(r"\s*_{10,}\s*|\s*-{20,}\s*")
SIGNATURE = re.compile(r"--[ \t\xa0]?$")
PHONE = re.compile(
    r"\s*(?:Sent from (?:my |Outlook|Yahoo|Proton|Mail)|Get Outlook for|Lähetetty (?:minun )?\w*(?:iPhone|iPad|Android|Samsung|"
    r"Galaxy|Outlook|Huawei|laitteesta|puhelimesta|sähköposti)|Lähetetty laitteesta|Lähetetty Outlook|Hanki Outlook|"
    r"Skickat från (?:min|Outlook|Proton|en )|Skickades från|Skaffa Outlook|Hämta Outlook|Outlook for (?:iOS|Android)|"
    r"Outlookin? (?:iOS|Android))",
    re.IGNORECASE,
)
BELOW_PHONE = 3  # lines that may follow such a line in a signature


@dataclass(frozen=True, slots=True)
class Folded:
    """What someone wrote, and what of their mail was folded away: quotations and signature, in their order."""

    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a mail. `kind` is "text", "quote" (with the line above it) or "signature"."""

    kind: str
    lines: list[str]

    @property
    def words(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines).strip("\n")

    @property
    def is_blank(self) -> bool:
        """Return whether there is nothing but space."""
        return not any(line.strip() for line in self.lines)


def fold(text: str) -> Folded:
    """Return what is new in the text of a mail, and what is folded away."""
    lines = [line.rstrip("\r") for line in text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")]
    rest = lines[MOST_LINES:]
    pieces = [piece for piece in cut(lines[:MOST_LINES]) if not piece.is_blank]
    if rest:
        pieces.append(Piece("quote", rest))
    kept = answered_pieces(pieces)
    new = [piece.words for piece in pieces if id(piece) in kept]
    gone = [piece.words for piece in pieces if id(piece) not in kept]
    return Folded("\n\n".join(word.strip() for word in new).strip(), "\n\n".join(gone).strip())


def answered_pieces(pieces: list[Piece]) -> set[int]:
    """Return which pieces stay: the text, and quotations where someone answers point by point between them."""
    kept = {id(piece) for piece in pieces if piece.kind == "text"}
    quotes = [place for place, piece in enumerate(pieces) if piece.kind == "quote"]
    texts = [place for place, piece in enumerate(pieces) if piece.kind == "text"]
    if not quotes or not texts:
        return kept
    between = any(quotes[0] < place < quotes[-1] for place in texts)
    answered = [place for place in quotes if place < texts[-1]]
    if between and len(answered) > 1:
        kept |= {id(pieces[place]) for place in answered}
    return kept


def cut(lines: list[str]) -> list[Piece]:
    """Return the lines of a mail in pieces."""
    pieces: list[Piece] = []
    current: list[str] = []
    place = 0
    while place < len(lines):
        if is_ruled_off(lines, place):
            pieces += [*without_signature(current), Piece("quote", lines[place:])]
            return pieces
        after = place + intro_length(lines, place)
        if after > place or lines[place].startswith(">"):
            end = end_of_quote(lines, after)
            pieces += [*without_signature(current), Piece("quote", lines[place:end])]
            current, place = [], end
            continue
        current.append(lines[place])
        place += 1
    return pieces + without_signature(current)


def is_ruled_off(lines: list[str], place: int) -> bool:
    """Return whether a quotation without signs before its lines begins here and goes on to the end."""
    if RULED_OFF.fullmatch(lines[place]):
        return True
    if RULE.fullmatch(lines[place]):
        place = next((at for at in range(place + 1, min(place + 4, len(lines))) if lines[at].strip()), place)
    if not FROM_LINE.match(lines[place]):
        return False
    following = [line for line in lines[place + 1 : place + 12] if line.strip()][:5]
    return sum(1 for line in following if OTHER_HEADER.match(line)) >= 2


def intro_length(lines: list[str], place: int) -> int:
    """Return how many lines the line above a quotation takes that begins here, 0 when there is none."""
    if not BEGINS_INTRO.match(lines[place]):
        return 0
    joined = ""
    for length in range(1, WRAPPED + 1):
        if place + length > len(lines):
            return 0
        line = lines[place + length - 1].strip()
        if not line or line.startswith(">"):
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > LONGEST_INTRO:
            return 0
        if joined.endswith(":") and INTRO.fullmatch(joined):
            return length if has_quote_below(lines, place + length) else 0
    return 0


def has_quote_below(lines: list[str], place: int) -> bool:
    """Return whether a quotation, or nothing at all, comes next."""
    following = next((lines[at] for at in range(place, len(lines)) if lines[at].strip()), ">")
    return following.startswith(">")


def end_of_quote(lines: list[str], place: int) -> int:
    """Return where a quotation ends whose lines have a sign before them; blank lines within it belong to it."""
    end = place
    while place < len(lines) and (lines[place].startswith(">") or not lines[place].strip()):
        place += 1
        if lines[place - 1].startswith(">"):
            end = place
    return max(end, place if place == len(lines) else end)


def without_signature(lines: list[str]) -> list[Piece]:
    """Return lines as a text and the signature below it, where there is one."""
    below = sum(1 for line in lines if line.strip())  # lines with words, from here on
    for place, line in enumerate(lines):
        below -= bool(line.strip())
        if SIGNATURE.fullmatch(line) or (below <= BELOW_PHONE and PHONE.match(line)):
            return [Piece("text", lines[:place]), Piece("signature", lines[place:])]
    return [Piece("text", lines)]


# --- A signature without a line above it --------------------------------------------------------------

CLOSING = re.compile(
    r"\s*(?:(?:parhain |ystävällisin |lämpimin |hyvin )?terveisin|terkuin|yst(?:\.|ävällisesti)|t\.|terv\.|"
    r"(?:med )?(?:vänliga?|bästa|varma) hälsning(?:ar)?|hälsningar|mvh|"
    r"(?:kind |best |warm |many )?regards|best wishes|all the best|(?:yours )?(?:sincerely|faithfully|truly)|cheers|br)"
    r"[,.!]?(?:\s+[\w.\-]+){0,3}[,.!]?\s*",
    re.IGNORECASE,
)
# A line that is a telephone number, perhaps with a word before it and more behind: "Puh. 050 123 4567, www.example.org".
CALL = re.compile(r"\s*(?:[^\W\d]{1,12}[.:]{0,2}\s?){0,2}(?:\+|\(?0)[\d ()/\-]{5,24}\d(?:\s*[,;|].*)?\s*")
SIGNED_WITHIN = 8  # lines with words, at the end


def without_address(text: str, *, name: str, address: str) -> str | None:
    """
    Return what someone wrote without the signature below it that tells their address or telephone number: from the
    closing words or their name down. A text that tells neither stays as it is. None when it tells one and it is not
    clear where a signature begins.
    """
    lines, own = text.split("\n"), name.strip().lower()
    last = [place for place, line in enumerate(lines) if line.strip()][-SIGNED_WITHIN:]
    tells = [place for place in last if has_contact_detail(lines[place], address)]
    if not tells and address not in text.lower():
        return text
    begins = next((place for place in last if CLOSING.fullmatch(lines[place]) or is_name(lines[place], own)), None)
    if not tells or begins is None or begins > tells[0]:
        return None
    kept = "\n".join(lines[:begins]).strip()
    return None if address in kept.lower() else kept or None


def has_contact_detail(line: str, address: str) -> bool:
    """Tell whether a line has an address or is a telephone number."""
    return address in line.lower() or CALL.fullmatch(line) is not None


def is_name(line: str, name: str) -> bool:
    """Return whether a line of a signature is a name, perhaps with what its owner does."""
    words = line.strip().lower()
    return bool(name) and (words == name or words.startswith(f"{name},"))


# --- Other ways to write a mail --------------------------------------------------------------------


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Return a text whose lines were broken for sending (format=flowed, RFC 3676) with its paragraphs whole again."""
    paragraphs: list[tuple[str, list[str]]] = []
    is_open = False
    for raw in text.replace("\r\n", "\n").split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:]
        line = line[1:] if line.startswith(" ") else line
        flows = line.endswith(" ") and line != "-- "
        words = line[:-1] if flows and delsp else line
        if is_open and paragraphs[-1][0] == raw[:depth] and line != "-- ":
            paragraphs[-1][1].append(words)
        else:
            paragraphs.append((raw[:depth], [words]))
        is_open = flows
    whole = ((signs, "".join(pieces)) for signs, pieces in paragraphs)
    return "\n".join(f"{signs} {words}" if signs else words for signs, words in whole)


BLOCKS = {
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol"}
UNSEEN = {"head", "script", "style", "title", "template", "noscript", "object", "iframe", "svg", "math", "o:p"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
SPACE = re.compile(r"[ \t\r\n\f\u200b]+")


def text_of_html(html: str) -> str:
    """
    Return the words of a mail in HTML as plain text: a line for each line that is seen, quotations with signs before
    their lines, and a signature below its own line. Nothing of the HTML is ever shown.
    """
    reader = Reader()
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    return reader.text()


class Reader(HTMLParser):
    """Gathers the lines of a mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line: list[str] = []  # its pieces: there may be a million
        self.depth = 0  # of quotations
        self.unseen = 0
        self.open: list[tuple[str, bool, bool]] = []  # (tag, whether it quotes, whether it is unseen)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where one is seen to begin."""
        if tag == "br":
            self.break_line(even_if_empty=True)
            return
        self.begin_block(tag)
        if tag in VOID:
            return
        named = {name: value or "" for name, value in attrs}
        classes = f"{named.get('class', '')} {named.get('id', '')}"
        if "gmail_signature" in classes and not self.unseen:
            self.begin_signature()
        quotes = tag == "blockquote" or (tag == "div" and "yahoo_quoted" in classes)
        hidden = tag in UNSEEN or "display:none" in named.get("style", "").replace(" ", "").lower()
        self.enter(tag, quotes=quotes, hidden=hidden)
        if tag == "li" and not self.unseen:
            self.line = ["– "]

    def begin_block(self, tag: str) -> None:
        """Begin a line, or a paragraph, for an element that stands on lines of its own, and draw a rule."""
        if tag in BLOCKS:
            self.break_line()
            if tag in PARAGRAPHS:
                self.blank_line()
        if tag == "hr" and not self.unseen:
            self.lines.append(self.signs() + "_" * 32)

    def enter(self, tag: str, *, quotes: bool, hidden: bool) -> None:
        """Note an element that is open, as far as anybody nests them."""
        if len(self.open) < 5_000:
            self.open.append((tag, quotes, hidden))
            self.depth += quotes
            self.unseen += hidden

    def begin_signature(self) -> None:
        """Write the line that signatures begin with, unless it is there or nothing stands before it."""
        if any(line.strip() for line in self.lines):
            self.break_line()
            if not self.lines or self.lines[-1].strip() not in {"--", "-- "}:
                self.lines.append(self.signs() + "-- ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat <br/> as <br>."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End the line where one is seen to end; what was left open inside is ended with it."""
        if tag in BLOCKS:
            self.break_line()
            if tag in PARAGRAPHS:
                self.blank_line()
        if tag in VOID or not any(name == tag for name, _quotes, _hidden in self.open[-60:]):
            return
        while self.open:
            name, quotes, hidden = self.open.pop()
            self.depth -= quotes
            self.unseen -= hidden
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        """Gather words."""
        if self.unseen:
            return
        words = SPACE.sub(" ", data)
        if not self.line or self.line[-1].endswith(" "):
            words = words.lstrip()
        if words:
            self.line.append(words)

    def signs(self) -> str:
        """Return what stands before a line of a quotation."""
        return ">" * min(self.depth, 9) + " " if self.depth else ""

    def break_line(self, *, even_if_empty: bool = False) -> None:
        """Put down what was gathered as a line."""
        words = "".join(self.line).strip()
        if words or even_if_empty:
            self.lines.append((self.signs() + words).rstrip() if words != "--" else self.signs() + "-- ")
        self.line = []

    def blank_line(self) -> None:
        """Put down an empty line, never two."""
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.signs().rstrip())

    def text(self) -> str:
        """Return the lines."""
        self.break_line()
        return "\n".join(self.lines).strip("\n")
