"""The site's words as a gettext catalog (.po), out and in: for people who translate with a program of their own."""

import gettext
import io
import re
from collections.abc import Iterator, Mapping

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from babel.plural import to_gettext
from django.utils.translation import gettext as _

from lib.text.languages import cldr_forms

from . import site_texts
from .words import Forms, forms_of

LARGEST = 3_000_000  # bytes of a file
MOST = 20_000  # texts of a file
LONGEST_RULE = 500  # characters of its rule of plurals
MOST_FORMS = 10  # of a text; a file that says that it has a billion would have as many made
FORMS = re.compile(rb"nplurals\s*+=\s*+(\d++)")
# What a line may be: a comment, or text in quotation marks, of which the first of each text says what it is.
LINE = re.compile(r'(?:#.*+|(?:(?:msgctxt|msgid(?:_plural)?|msgstr(?:\[\d{1,2}\])?)\s*+)?"(?:[^"\\]|\\.)*+")?')
SAMPLES = (*range(201), 1000, 1_000_000)


class Unreadable(Exception):
    """A file that is no catalog. The text says why and what now."""


def written(code: str, said: Mapping[str, Forms]) -> str:
    """Return a language's words as a file, with every text of the site that readers meet first."""
    forms = cldr_forms.plural_categories(code)
    lines = [
        'msgid ""',
        'msgstr ""',
        quoted(f"Language: {code}\n"),
        quoted("MIME-Version: 1.0\n"),
        quoted("Content-Type: text/plain; charset=UTF-8\n"),
        quoted("Content-Transfer-Encoding: 8bit\n"),
        quoted(f"Plural-Forms: {rule_of(code)}\n"),
        "",
    ]
    for key, entry in site_texts.entries().items():
        mine = said.get(key, {})
        lines.append(f"#. {entry.area}")
        if entry.context:
            lines.append(f"msgctxt {quoted(entry.context)}")
        lines.append(f"msgid {quoted(entry.source)}")
        if entry.plural:
            lines.append(f"msgid_plural {quoted(entry.plural)}")
            lines += [f"msgstr[{number}] {quoted(mine.get(form, ''))}" for number, form in enumerate(forms)]
        else:
            lines.append(f"msgstr {quoted(mine.get('', ''))}")
        lines.append("")
    return "\n".join(lines)


def quoted(text: str) -> str:
    """Return a text as gettext writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def rule_of(code: str) -> str:
    """Return a language's rule of plurals as gettext writes it; the forms are in the order of their categories."""
    locale = cldr_forms.locale_of(code)
    if locale is None:
        return "nplurals=2; plural=(n != 1);"
    forms = cldr_forms.plural_categories(code)
    rule = to_gettext(locale.plural_form)
    if f"nplurals={len(forms)};" in rule:
        return rule
    tags = [
        name for name in ("zero", "one", "two", "few", "many", "other") if name in {*locale.plural_form.tags, "other"}
    ]
    return rule if len(tags) == len(forms) else f"nplurals={len(forms)}; plural={rule.partition('plural=')[2]}"


def read(data: bytes, code: str) -> dict[str, Forms]:
    """Return {key: forms} of a file. Its own rule of plurals tells which form is which. Raise Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(_("The file is larger than 3 MB. Nothing was saved."))
    told = [match[1] for match in FORMS.finditer(data)]
    try:
        if any(len(number) > 2 or int(number) > MOST_FORMS for number in told):
            raise ValueError("too many plural forms")
        if not all(LINE.fullmatch(line.strip()) for line in data.decode().splitlines()):
            raise ValueError("a line that is cut off")  # Babel takes what there is of it
        found = read_po(io.BytesIO(data), charset="utf-8", abort_invalid=True)
        return dict(_forms_in(found, code))
    except (PoFileError, ValueError, LookupError, RecursionError, TypeError) as fault:
        raise Unreadable(_("This is not a gettext catalog (.po) in UTF-8. Nothing was saved.")) from fault


def _forms_in(found: Catalog, code: str) -> Iterator[tuple[str, Forms]]:
    known, names = site_texts.entries(), categories(str(found.plural_expr), code)
    for number, message in enumerate(found):
        if number > MOST:
            raise ValueError("too many")
        if not message.id or message.fuzzy:
            continue
        key = site_texts.key_of(message)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if key not in known or not any(said):
            continue
        if known[key].plural:
            wanted = forms_of(known[key], code)
            yield key, {name: str(said[at] or "") for name, at in names.items() if name in wanted and at < len(said)}
        else:
            yield key, {"": str(said[0] or "")}


def categories(expression: str, code: str) -> dict[str, int]:
    """Return {CLDR's category: which form of a file that is} by the file's rule. Raise ValueError for a rule that is none."""
    if len(expression) > LONGEST_RULE:
        raise ValueError("a rule of plurals that is too long")
    rule = gettext.c2py(expression)  # type: ignore[attr-defined]  # reads nothing but such rules
    found: dict[str, int] = {}
    for number in SAMPLES:
        found.setdefault(cldr_forms.plural_of(code, number), rule(number))
    found.setdefault("other", max(found.values()))
    return found
