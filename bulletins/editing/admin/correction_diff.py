"""What a correction changes, against what readers see now: the words that came and the words that went."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletins.models import Bulletin
from campaigns.translated_fields import in_language
from lib.text.word_diff import marked, near


@dataclass(frozen=True)
class Difference:
    """One part in one language, with what went in <del> and what came in <ins>."""

    language: str
    part: str
    marked: SafeString


def differences(bulletin: Bulletin) -> list[Difference]:
    """Return what differs from the version that is published, language by language; three queries."""
    version = bulletin.versions.order_by("-number").prefetch_related("editions").first()
    if version is None or version.number >= bulletin.version:
        return []
    published = {(edition.language, edition.reading_level): edition for edition in version.editions.all()}
    messages = list(bulletin.key_messages.all())
    actions = list(bulletin.calls_to_action.all())
    found: list[Difference] = []
    for edition in bulletin.editions.all():
        code = edition.language
        was = published.get((code, edition.reading_level))
        if was is None:
            found.append(Difference(code, _("edition"), marked("", edition.body)))
            continue
        old = {row["key"]: row["text"] for row in was.content.get("key_messages", [])}
        new = {message.key: in_language(message.text, code) for message in messages}
        pairs = [
            (_("title"), was.title, edition.title),
            (_("preheader"), was.lead, edition.preheader),
            (_("text"), was.body, edition.body),
            *((_("key message"), text, new.get(key, "")) for key, text in old.items()),
            *((_("key message"), "", text) for key, text in new.items() if key not in old),
            (
                _("calls to action"),
                "\n".join(was.content.get("calls_to_action", [])),
                "\n".join(in_language(action.text, code) for action in actions),
            ),
            *variants(was.content.get("variants", []), edition),
        ]
        found += [Difference(code, part, near(before, now)) for part, before, now in pairs if before != now]
    return found


def variants(old: list[dict[str, str]], edition: object) -> Iterator[tuple[str, str, str]]:
    """Yield platform, caption before and caption now of each variant."""
    now = {variant.platform: variant for variant in edition.variants.all()}  # type: ignore[attr-defined]
    before = {row["platform"]: row for row in old}
    for platform in {**before, **now}:
        texts = [
            "\n".join(filter(None, (was.get("title"), was.get("caption"), was.get("script"))))
            for was in (
                before.get(platform, {}),
                now[platform].content() if platform in now else {},
            )
        ]
        yield platform.capitalize(), texts[0], texts[1]
