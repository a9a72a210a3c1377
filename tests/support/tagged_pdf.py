"""What a screen reader finds in a PDF that the project drew, and what would stop it: the rules of PDF/UA that a file can show."""

import re
import zlib
from dataclasses import dataclass, field
from itertools import pairwise

OBJECT = re.compile(rb"(?<![0-9])(\d+) 0 obj\n(.*?)endobj", re.DOTALL)
STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
SHOWN = re.compile(r"(?<!\S)(?:Tj|TJ|re|l|c|S|f)(?!\S)")
MARKED = re.compile(r"/(\w+) <</MCID (\d+)>> BDC|/(Artifact) BMC|(?<!\w)(EMC)(?!\w)")


@dataclass
class Element:
    """An element of the tree, with what is inside it."""

    role: str
    alt: bool
    attributes: str
    page: int
    pieces: list[int]
    kids: "list[Element]" = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.role}({' '.join(map(str, self.kids))})" if self.kids else self.role

    def walk(self) -> "list[Element]":
        """Return it and all that is inside it, in order."""
        return [self, *(below for kid in self.kids for below in kid.walk())]


class TaggedPdf:
    """A file with its tree."""

    def __init__(self, content: bytes) -> None:
        self.objects = {int(one[1]): one[2] for one in OBJECT.finditer(content)}
        self.catalog = self.the("Catalog")
        self.tree = self.element(self.reference(self.the("StructTreeRoot"), "K"))

    def the(self, kind: str) -> str:
        """Return the one object of a type."""
        (found,) = [text for text in map(self.text, self.objects) if re.search(rf"/Type /{kind}(?!\w)", text)]
        return found

    def text(self, number: int) -> str:
        """Return an object's dictionary."""
        return self.objects[number].partition(b"stream\n")[0].decode("latin-1")

    @staticmethod
    def reference(text: str, name: str) -> int:
        """Return the number of the object that a dictionary names."""
        found = re.search(rf"/{name} \[?(\d+) 0 R", text)
        return int(found[1]) if found else 0

    def element(self, number: int) -> Element:
        """Return an element of the tree."""
        text = self.text(number)
        inside = re.search(r"/K \[([^\]]*)\]", text)
        kids = inside[1] if inside else ""
        attributes = re.search(r"/A <<(.*?)>>", text)
        role = re.search(r"/S /(\w+)", text)
        assert role, text
        below = [self.element(int(one)) for one in re.findall(r"(\d+) 0 R", kids)]
        pieces = [] if below else [int(one) for one in kids.split()]
        return Element(
            role[1], "/Alt " in text, attributes[1] if attributes else "", self.reference(text, "Pg"), pieces, below
        )

    def pages(self) -> dict[int, str]:
        """Return what each page draws, by the number of its object."""
        found = {}
        for number in self.objects:
            text = self.text(number)
            if re.search(r"/Type /Page(?!\w)", text):
                stream = STREAM.search(self.objects[self.reference(text, "Contents")])
                assert stream, text
                found[number] = zlib.decompress(stream[1]).decode("latin-1")
        return found

    def problems(self) -> list[str]:
        """Return what is against the rules."""
        found = [name for name in ("/Lang (", "/Marked true", "/DisplayDocTitle true") if name not in self.catalog]
        found += [] if any(b"/Title (" in one or b"/Title <" in one for one in self.objects.values()) else ["no title"]
        elements = self.tree.walk()
        levels = [int(one.role[1]) for one in elements if re.fullmatch(r"H\d", one.role)]
        found += ["the first heading is not of level 1"] if levels[:1] != [1] or levels.count(1) > 1 else []
        found += ["a level is left out"] if any(b > a + 1 for a, b in pairwise(levels)) else []
        for one in elements:
            if one.role == "Figure" and not (one.alt and "/BBox" in one.attributes):
                found.append("a figure without words")
            if one.role == "Table":
                rows = [row for row in one.kids if row.role == "TR"]
                if len({len(row.kids) for row in rows}) > 1:
                    found.append("rows of different lengths")
                if any("/Scope /Column" not in cell.attributes for cell in rows[0].kids):
                    found.append("a column without a head")
                if any("/Scope /Row" not in row.kids[0].attributes for row in rows[1:]):
                    found.append("a row without a head")
            if one.role == "L" and any(kid.role != "LI" for kid in one.kids):
                found.append("a list with something else in it")
        for number, drawn in self.pages().items():
            named = sorted(piece for one in elements if one.page == number for piece in one.pieces)
            marked, depth, read = [], 0, 0
            for mark in MARKED.finditer(drawn):
                between, read = drawn[read : mark.start()], mark.end()
                if depth == 0 and SHOWN.search(between):
                    found.append(f"not marked: {between.strip()[:60]}")
                depth += -1 if mark[4] else 1
                marked += [int(mark[2])] if mark[2] else []
            found += [f"not marked: {drawn[read:].strip()[:60]}"] if SHOWN.search(drawn[read:]) else []
            if sorted(marked) != named or depth or len(set(marked)) != len(marked):
                found.append(f"pieces {marked} of a page are in the tree as {named}")
        return found
