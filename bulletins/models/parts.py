"""What belongs to a bulletin, read once for whoever looks at it several times."""

from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from campaigns.models import CampaignLanguage, ReadingLevel, Region
from campaigns.publication_details import PrintedWords
from factcheck.models import Claim, ClaimVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .assets import Asset
    from .bulletins import AuthorityAccount, Bulletin, CallToAction, Edition, KeyMessage
    from .cadences import Target
    from .checks import Override
    from .inputs import MessageInput


class Parts:
    """
    What belongs to a bulletin's working copy, each kind of rows read when it is first asked for and then kept.

    Make it of a bulletin that is held, and let it go with the transaction: what judges, covers and prints the bulletin
    under one lock looks at the same rows.
    """

    def __init__(self, bulletin: "Bulletin") -> None:
        self.bulletin = bulletin

    @cached_property
    def languages(self) -> "list[CampaignLanguage]":
        """The languages of its campaign in their order."""
        prefetch_related_objects([self.bulletin.campaign], "languages")
        return list(self.bulletin.campaign.languages.all())

    @cached_property
    def every_edition(self) -> "list[Edition]":
        """Its editions with their variants, those that are not ready among them."""
        return list(self.bulletin.editions.select_related("machine_draft").prefetch_related("variants"))

    @cached_property
    def editions(self) -> "list[Edition]":
        """Those of its editions that go out, with their variants."""
        return [one for one in self.every_edition if one.language not in self.left_out]

    @cached_property
    def left_out(self) -> list[str]:
        """The languages that bulletins don't wait for, and in which this one is not whole yet: it goes out without them."""
        return [code for code in self.that_follow if not self._is_whole(code)]

    @cached_property
    def that_follow(self) -> list[str]:
        """The languages that bulletins don't wait for, whole or not; the original is none of them."""
        return [
            row.code for row in self.languages if not row.must_be_ready and row.code != self.bulletin.original_language
        ]

    def _is_whole(self, code: str) -> bool:
        """Return whether nothing is missing in a language, or behind the original."""
        bulletin = self.bulletin
        standard = {one.language: one for one in self.every_edition if one.reading_level == ReadingLevel.STANDARD}
        edition, original = standard.get(code), standard.get(bulletin.original_language)
        if edition is None:
            return False
        texts = [edition.title, edition.subject]
        if bulletin.kind != bulletin.Kind.RETRACTION:
            texts.append(edition.body)
            texts += [getattr(edition, name) for name in (original.situation if original else ())]
            texts += [message.text.get(code, "") for message in self.key_messages]
            texts += [action.text.get(code, "") for action in self.calls_to_action]
        if bulletin.kind != bulletin.Kind.ORIGINAL:
            texts.append(bulletin.what_changed.get(code, ""))
        return all(text.strip() for text in texts) and not (original is not None and edition.behind(original))

    @cached_property
    def key_messages(self) -> "list[KeyMessage]":
        """Its key messages in their order, each with its number."""
        return _numbered(self.bulletin.key_messages.all())

    @cached_property
    def calls_to_action(self) -> "list[CallToAction]":
        """Its calls to action in their order, each with its number."""
        return _numbered(self.bulletin.calls_to_action.all())

    @cached_property
    def assets(self) -> "list[Asset]":
        """Its pictures, videos and subtitles in their order."""
        return list(self.bulletin.assets.all())

    @cached_property
    def every_input(self) -> "list[MessageInput]":
        """The message inputs that it was ever made of, with those that others of them have replaced."""
        return list(self.bulletin.inputs.all())

    @cached_property
    def inputs(self) -> "list[MessageInput]":
        """The message inputs that it is made of: of a submission and its update only the update."""
        replaced = {one.replaces_id for one in self.every_input}
        return [one for one in self.every_input if one.pk not in replaced]

    @cached_property
    def updates(self) -> "dict[int, MessageInput]":
        """{key of an input: its newest update} of those that have one; the facts and the authority of each are at hand."""
        newest: dict[int, MessageInput] = {}
        follows = {one.pk: one.pk for one in self.inputs}
        while follows:
            rows = type(self.inputs[0]).objects.updates_of(follows)
            found = {one.pk: (follows[one.replaces_id or 0], one) for one in rows}
            for first, one in found.values():
                if first not in newest or newest[first].pk < one.pk:
                    newest[first] = one
            follows = {pk: first for pk, (first, _one) in found.items()}
        return newest

    @cached_property
    def regions(self) -> list[Region]:
        """The regions that its inputs are about; [] when one is about the whole country."""
        prefetch_related_objects(self.inputs, "regions")
        named = [{region.code: region for region in one.regions.all()} for one in self.inputs]
        return list({code: region for one in named for code, region in one.items()}.values()) if all(named) else []

    @cached_property
    def printed(self) -> PrintedWords:
        """The words that are printed with it besides its own."""
        bulletin = self.bulletin
        return PrintedWords.of(bulletin.campaign, topics=bulletin.topics.all(), regions=self.regions)

    @cached_property
    def claims(self) -> list[Claim]:
        """Its fact-checks, with all that Claim.basis needs."""
        return list(
            self.bulletin.claims.prefetch_related("current_version", "duplicate_of__current_version").order_by("pk")
        )

    @cached_property
    def facts(self) -> list[ClaimVersion]:
        """What stands of its fact-checks, as readers have it."""
        if not self.claims:
            return []
        return list(ClaimVersion.objects.in_force().filter(claim__bulletins=self.bulletin).select_related("claim"))

    @cached_property
    def accounts(self) -> "list[AuthorityAccount]":
        """The accounts by which the authority posts it."""
        return list(self.bulletin.posts_to.order_by("pk"))

    @cached_property
    def targets(self) -> "list[Target]":
        """Whom it goes to and when, with the audiences and their campaign, whose zone their slots are in."""
        return list(self.bulletin.targets.select_related("audience__campaign"))

    @cached_property
    def overrides(self) -> "list[Override]":
        """What someone let stand in this version."""
        return list(self.bulletin.overrides.filter(version=self.bulletin.version))


def _numbered[Row: "KeyMessage | CallToAction"](rows: "Iterable[Row]") -> "list[Row]":
    found = list(rows)
    for number, row in enumerate(found, start=1):
        row.number = number
    return found
