"""What is not there yet: languages, texts, translations, sources, text alternatives, subtitles."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bulletins.editing import earlier_words
from bulletins.mail.bulletin_mail import refuse_long_body
from bulletins.models import SITUATION, Asset, Bulletin, Edition, Platform, Variant
from delivery.models import Channel
from delivery.transports import channels
from delivery.transports.whatsapp import templates
from lib.text.blanks import blanks_in

from .findings import ADVICE, STOPS, Finding, Workspace, at_edition, in_edition, language_name, of_action, of_message
from .language.correction_words import says_that_it_corrects

BLANK_LEFT = "unfilled-blank"
OF_PICTURES = {"missing-alt", "missing-subtitles"}  # what a language that comes later is not asked for


def missing_text(desk: Workspace) -> Iterator[Finding]:
    """Find languages without an edition, editions without title, subject or text, and texts too long for mail."""
    written = {edition.language for edition in desk.standard}
    for code in desk.languages:
        if code not in written:
            yield Finding(
                STOPS,
                "missing-language",
                language_name(code),
                _("This language is missing."),
                _("Write the edition."),
                place=f"edition:{code}:title",
            )
    for edition in desk.editions:
        for name, says, mend in (
            ("title", _("The title is missing."), _("State the fact in one line.")),
            ("subject", _("The email's subject is missing."), _("Write at most 60 characters.")),
            ("body", _("The text is missing."), _("Write it, or translate it from the original.")),
        ):
            if not getattr(edition, name).strip():
                yield missing(edition, name, says, mend)
        if says := too_long_for_mail(edition.whole, get_language()):
            yield Finding(
                STOPS,
                "too-long-for-mail",
                in_edition(edition, "body"),
                says,
                place=at_edition(edition, "body"),
                found=edition.reading_level,
            )


def follows_later(desk: Workspace) -> Iterator[Finding]:
    """Find the languages that it goes out without, because it does not wait for them."""
    for code in desk.later:
        yield Finding(
            ADVICE,
            "follows-later",
            language_name(code),
            _("It is not ready in this language, so it goes out without it and says that it is also coming in it."),
            _("Finish it now, or let it follow later."),
            place=f"edition:{code}:title",
        )


@lru_cache(maxsize=256)
def too_long_for_mail(body: str, language: str | None) -> str:
    """Return a sentence in the active `language` when a text is too long for its mail, else "". It costs, so once."""
    try:
        refuse_long_body(body)
    except ValueError as fault:
        return str(fault)
    return ""


def missing(edition: Edition, name: str, says: str, mend: str) -> Finding:
    """Return the finding that a field of an edition is empty."""
    return Finding(
        STOPS,
        "missing-text",
        in_edition(edition, name),
        says,
        mend,
        place=at_edition(edition, name),
        found=edition.reading_level,
    )


def unread_draft(desk: Workspace) -> Iterator[Finding]:
    """Find editions that say what a machine translated, and that nobody has read yet."""
    for edition in desk.editions:
        row = getattr(edition, "machine_draft", None)
        if row is not None and row.is_unread(edition):
            yield Finding(
                STOPS,
                "machine-draft",
                in_edition(edition),
                _("A machine translated it, and nobody has read it yet."),
                _("Read and correct it, or press “I have read it, and it is mine” above it."),
                place=at_edition(edition, "body"),
                found=row.digest,
            )


def unfilled_blanks(desk: Workspace) -> Iterator[Finding]:
    """Find the blanks of prepared texts that nobody has filled yet: `{place}`."""
    for language, where, place, text in desk.texts:
        for name in blanks_in(text):
            yield Finding(
                STOPS,
                BLANK_LEFT,
                where,
                _("A blank is left: %(blank)s.") % {"blank": f"{{{name}}}"},
                _("Write what belongs there, or take it out."),
                place=place,
                found=f"{language} {name}",
            )


def missing_translation(desk: Workspace) -> Iterator[Finding]:
    """Find key messages, calls to action and correction texts that a language lacks."""
    for message in desk.messages:
        for code in desk.written_in:
            if not message.text.get(code, "").strip():
                yield Finding(
                    STOPS,
                    "missing-message",
                    _missing_in(code, of_message(message)),
                    _("It is missing in this language."),
                    _("Write it, or remove the message."),
                    place=f"message:{message.pk}:{code}",
                )
    for action in desk.actions:
        for code in desk.written_in:
            if not action.text.get(code, "").strip():
                yield Finding(
                    STOPS,
                    "missing-action",
                    _missing_in(code, of_action(action)),
                    _("It is missing in this language."),
                    _("Write it, or remove the call."),
                    place=f"action:{action.pk}:{code}",
                )
    if desk.bulletin.kind != Bulletin.Kind.ORIGINAL:
        yield from unexplained(desk.bulletin, desk.written_in)


def _missing_in(language: str, name: str) -> str:
    """Return where a row lacks a language; it is known by its words in another one."""
    return f"{language_name(language)}, {name[0].lower()}{name[1:]}"


def unexplained(bulletin: Bulletin, languages: list[str]) -> Iterator[Finding]:
    """Find the languages in which a correction or retraction does not say what changed."""
    for code in languages:
        if not bulletin.what_changed.get(code, "").strip():
            yield Finding(
                STOPS,
                "unexplained",
                language_name(code),
                _("Say what changed, in this language."),
                place=f"changed:{code}",
            )


def missing_situation(desk: Workspace) -> Iterator[Finding]:
    """Find what is known, not known or being done where only some languages say it; easy language may leave it out."""
    if desk.original is None:
        return
    code = desk.bulletin.original_language
    for edition in desk.standard:
        for name in SITUATION:
            if bool(getattr(desk.original, name).strip()) == bool(getattr(edition, name).strip()):
                continue
            lacks = edition if getattr(desk.original, name).strip() else desk.original
            says = _("It is missing in this language; %(language)s has it.")
            yield Finding(
                STOPS,
                "missing-part",
                in_edition(lacks, name),
                says % {"language": language_name(code if lacks is edition else edition.language)},
                _("Write it, or take it out of the other languages."),
                place=at_edition(lacks, name),
            )


def behind_original(desk: Workspace) -> Iterator[Finding]:
    """Find translations whose original has moved on."""
    for edition in desk.editions:
        behind = edition.behind(desk.original) if desk.original else 0
        if behind:
            says = ngettext(
                "The original has changed once since.", "The original has changed %(count)d times since.", behind
            )
            yield Finding(
                STOPS,
                "behind",
                in_edition(edition),
                says % {"count": behind},
                _("Update the translation, then confirm below it that it is up to date."),
                place=at_edition(edition, "body"),
                found=f"{edition.reading_level} {behind}",
            )


def missing_source(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that rest on nothing that people can look up: no name and no address of a source."""
    for message in desk.messages:
        if not any(message.source_url.values()) and not any(message.source_name.values()):
            yield Finding(
                STOPS,
                "missing-source",
                of_message(message),
                _("This key message names no source."),
                _("Add the source's name and address."),
                place=f"message:{message.pk}:{desk.bulletin.original_language}",
                found="source",
                overridable=True,
            )


def missing_call(desk: Workspace) -> Iterator[Finding]:
    """Find bulletins that do not say what to do."""
    if not desk.actions:
        yield Finding(
            ADVICE,
            "missing-call",
            _("Calls to action"),
            _("None is listed."),
            _("Add one thing that people can do today."),
            place="actions",
        )


def missing_alt_text(desk: Workspace) -> Iterator[Finding]:
    """Find pictures and videos without a text alternative in a language that they serve."""
    for asset in desk.assets:
        if asset.kind == Asset.Kind.SUBTITLES:
            continue
        for code in languages_of_asset(asset, desk):
            if not asset.alt_text.get(code, "").strip():
                yield Finding(
                    STOPS,
                    "missing-alt",
                    f"{language_name(code)}, {asset}",
                    _("The alt text is missing."),
                    _("Describe in a sentence what can be seen."),
                    place=f"asset:{asset.pk}",
                    found=code,
                )
    if not any(asset.kind == Asset.Kind.IMAGE for asset in desk.assets):
        return
    for edition in desk.editions:
        for variant in edition.variants.all():
            if variant.platform == Platform.INSTAGRAM and variant.caption.strip() and not variant.alt_text.strip():
                yield Finding(
                    STOPS,
                    "missing-alt",
                    f"{language_name(edition.language)}, {variant.get_platform_display()}",
                    _("The alt text for the picture is missing."),
                    _("Describe in a sentence what can be seen."),
                    place=f"variant:{edition.language}:{variant.platform}:alt_text",
                    overridable=True,
                )


def missing_template(desk: Workspace) -> Iterator[Finding]:
    """Find languages in whose words for WhatsApp nothing may be sent: Meta has approved no template. One query where there are such words."""
    campaign = desk.bulletin.campaign
    if campaign.is_exercise or Channel.WHATSAPP not in channels.beside_mail(campaign):
        return
    written = {one.language for one in desk.standard if one.channels_with_words([Channel.WHATSAPP.value])}
    for code in templates.languages_without(written):
        yield Finding(
            ADVICE,
            "missing-template",
            f"{language_name(code)}, WhatsApp",
            _(
                "Meta has approved no WhatsApp template in this language, so the send by WhatsApp will be held. The email goes."
            ),
            _("Ask an administrator to look under WhatsApp templates."),
            place=f"variant:{code}:{Channel.WHATSAPP}:caption",
        )


def missing_channel_words(desk: Workspace) -> Iterator[Finding]:
    """Find channels that have words in one language and none in another: its readers would get those of the first."""
    names = {channel.value: str(channel.label) for channel in channels.beside_mail(desk.bulletin.campaign)}
    written = {edition.language: edition.channels_with_words(names) for edition in desk.standard}
    for channel in sorted(set().union(*written.values())):
        for code, has in written.items():
            if channel not in has:
                yield Finding(
                    STOPS,
                    "missing-channel-words",
                    f"{language_name(code)}, {names[channel]}",
                    _("The text of the message is missing."),
                    _("Write it, or delete it in the other languages: readers get it in all or in none."),
                    place=f"variant:{code}:{channel}:caption",
                )


def words_of_correction(desk: Workspace) -> Iterator[Finding]:
    """
    Find words of a correction for a channel that go to nobody, because no earlier version went by it, those that were sent before:
    readers get what changed in their place; and new ones that do not say that they correct anything, as the subject of a mail does by
    itself. One query where there are words for channels.
    """
    bulletin = desk.bulletin
    if bulletin.kind != Bulletin.Kind.CORRECTION:
        return
    names = {channel.value: str(channel.label) for channel in channels.beside_mail(bulletin.campaign)}
    written = [
        (edition, variant)
        for edition in desk.standard
        for variant in edition.variants.all()
        if variant.platform in names and variant.caption.strip()
    ]
    earlier = earlier_words.of_bulletin(bulletin, names) if written else {}
    for edition, variant in written:
        channel, code = variant.platform, edition.language
        where, place = f"{language_name(code)}, {names[channel]}", f"variant:{code}:{channel}:caption"
        if channel not in earlier:
            yield Finding(
                ADVICE,
                "words-for-nobody",
                where,
                _(
                    "These words go to nobody: no earlier version went by this channel, and a correction goes to whoever got one."
                ),
                _("Delete them, or write a new bulletin for the people whom this channel reaches."),
                place=place,
            )
        elif earlier_words.are_in(earlier, variant, code):
            yield Finding(
                ADVICE,
                "words-sent-before",
                where,
                _("These words were sent before. In their place readers get “Corrected”, the title and what changed."),
                _("Write what is right now if they are to be told more."),
                place=place,
            )
        elif not says_that_it_corrects(f"{shown_title(variant, edition)}\n{variant.caption}", code):
            yield Finding(
                ADVICE,
                "words-not-corrected",
                where,
                _("These words do not say that they correct what was sent before: readers may take them for news."),
                _("Begin with “Corrected”, or say what has changed."),
                place=place,
            )


def shown_title(variant: Variant, edition: Edition) -> str:
    """Return the title that readers see above the words for a channel: of a notification the edition's where it has none of its own."""
    return variant.title or (edition.title if variant.platform == Channel.PUSH else "")


def missing_post_words(desk: Workspace) -> Iterator[Finding]:
    """Find accounts of the authority that are to post, and have no words in a language of theirs."""
    for account in desk.parts.accounts:
        network = account.get_network_display()
        for edition in desk.standard:
            if account.speaks(edition.language) and not edition.channels_with_words([account.network]):
                yield Finding(
                    STOPS,
                    "missing-post-words",
                    f"{language_name(edition.language)}, {network}",
                    _("%(account)s is to post it, and there are no words for %(network)s.")
                    % {"account": account.handle, "network": network},
                    _("Write them, or take the account off under “About”."),
                    place=f"variant:{edition.language}:{account.network}:caption",
                )


def missing_subtitles(desk: Workspace) -> Iterator[Finding]:
    """Find videos that have no subtitles in a language that they serve."""
    for asset in desk.assets:
        if asset.kind != Asset.Kind.VIDEO:
            continue
        has = {one.language for one in asset.subtitles.all()}
        for code in languages_of_asset(asset, desk):
            if code not in has and "" not in has:
                yield Finding(
                    STOPS,
                    "missing-subtitles",
                    f"{language_name(code)}, {asset}",
                    _("This video has no subtitles in this language."),
                    _("Add an SRT or VTT file."),
                    place=f"asset:{asset.pk}",
                    found=code,
                    overridable=True,
                )


def languages_of_asset(asset: Asset, desk: Workspace) -> list[str]:
    """Return the languages that an asset is for: its own, or all that there are."""
    return [asset.language] if asset.language else desk.written_in
