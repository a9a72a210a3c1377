"""
What a version of a bulletin has to be posted, edited and deleted: shown to whoever approves it, and written when it is published.

A first version is posted by the accounts that were chosen for it, in each language that has words for their network. A correction does
what each account's rule says with what stands there, and says what changed in a reply. A withdrawal deletes all of it and says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bulletins.media import message_cards
from bulletins.models import (
    AuthorityAccount,
    AuthorityPost,
    Bulletin,
    Edition,
    Parts,
    PublishedEdition,
    Version,
)
from campaigns.models import ReadingLevel
from campaigns.platforms import platform_limits

from . import correction_words, jobs, network_accounts, pictures

Kind = AuthorityPost.Kind
OnCorrection = AuthorityAccount.OnCorrection
AT_LEAST = timedelta(minutes=5)  # that a tick may be late
POST, EDIT, DELETE, REPLY = "post", "edit", "delete", "reply"
NAMES = {POST: _("is posted"), EDIT: _("is edited"), DELETE: _("is deleted"), REPLY: _("is posted as a reply")}
NEVER_LEFT = {EDIT: NAMES[POST], DELETE: _("is not posted")}
BY_HAND = {
    EDIT: _("nobody knows where it stands, so it has to be corrected by hand"),
    DELETE: _("nobody knows where it stands, so it has to be deleted by hand"),
}


@dataclass
class Step:
    """
    One thing to do by an account in a language: post `words` (of `kind`), edit or delete the `post` that stands, or reply. A reply is to
    `answers`: a post that stands, or the step that posts it anew.
    """

    does: str
    account: AuthorityAccount
    language: str
    words: str = ""
    kind: str = Kind.POST
    post: AuthorityPost | None = None
    answers: "Step | AuthorityPost | None" = None
    picture: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What happens, in words. Of what never left nothing stands there yet to be edited or deleted."""
        if self.post is not None and not self.post.has_left:
            return str(NEVER_LEFT[self.does])
        return str((BY_HAND if self.is_by_hand else NAMES)[self.does])

    @property
    def is_by_hand(self) -> bool:
        """Return whether a person has to do it, and is asked to when it is published."""
        return self.post is not None and self.post.is_unplaced


def steps_of(bulletin: Bulletin, standing: Iterable[AuthorityPost], parts: Parts | None = None) -> list[Step]:
    """
    Return what the version in the making has to be posted, edited and deleted, given what is `standing` of earlier ones, with their
    accounts at hand. What was planned and never left is posted in its new words: nobody has seen the old ones.
    """
    parts = parts or Parts(bulletin)
    standing = list(standing)
    chosen = {one.pk: one for one in parts.accounts if one.state != AuthorityAccount.State.OFF}
    in_use = {one.account_id: one.account for one in standing} | chosen
    if not in_use:
        return []
    making = _Making(bulletin, parts)
    steps: list[Step] = []
    for account in sorted(in_use.values(), key=lambda one: one.pk):
        mine = [one for one in standing if one.account_id == account.pk]
        for edition in making.editions:
            steps += making.in_language(account, edition, mine, is_chosen=account.pk in chosen)
    return steps


class _Making:
    """What a bulletin's version says on each network."""

    def __init__(self, bulletin: Bulletin, parts: Parts) -> None:
        self.bulletin, self.parts = bulletin, parts
        self.limits = platform_limits.current_limits()
        self.editions = [one for one in parts.every_edition if one.reading_level == ReadingLevel.STANDARD]
        self.specs = message_cards.specs_of(bulletin)

    def in_language(
        self, account: AuthorityAccount, edition: Edition, standing: list[AuthorityPost], *, is_chosen: bool
    ) -> Iterator[Step]:
        """Yield what one account does in a language."""
        code = edition.language
        mine = [one for one in standing if one.language == code]
        if self.bulletin.kind == Bulletin.Kind.RETRACTION:
            yield from self._withdrawn(account, edition, mine)
            return
        words = self._words(account, edition)
        picture = pictures.of_language(self.specs, code) if account.with_card else {}
        old = next((one for one in mine if one.kind == Kind.POST), None)
        if old is None:
            if is_chosen and words and account.speaks(code):
                yield Step(POST, account, code, words, picture=picture)
        elif not old.has_left:
            yield Step(EDIT if words else DELETE, account, code, words, post=old, picture=picture)
        else:
            yield from self._corrected(account, edition, old, words, picture)

    def _withdrawn(self, account: AuthorityAccount, edition: Edition, mine: list[AuthorityPost]) -> Iterator[Step]:
        """Yield that all of it is deleted, and what says so where anybody may have seen it."""
        yield from (Step(DELETE, account, edition.language, post=one, words=one.words) for one in mine)
        if any(one.has_left for one in mine):
            yield Step(POST, account, edition.language, self._what_changed(account, edition), Kind.WITHDRAWAL)

    def _corrected(
        self, account: AuthorityAccount, edition: Edition, old: AuthorityPost, words: str, picture: dict[str, str]
    ) -> Iterator[Step]:
        """Yield what becomes of a post that stands, by the account's rule, and what is said of it."""
        code, answers = edition.language, old
        says = self._what_changed(account, edition)
        same = words == old.words and picture == old.picture
        if old.is_unplaced and words:
            # Whatever the account's rule: new words would stand beside those that nobody could find.
            yield Step(EDIT, account, code, words, post=old, picture=picture)
            yield Step(REPLY, account, code, says, Kind.CORRECTION, answers=old)
            return
        if not words or (not same and account.on_correction == OnCorrection.REPLACE):
            yield Step(DELETE, account, code, post=old, words=old.words)
            anew = Step(POST, account, code, words, picture=picture) if words else None
            if anew:
                yield anew
            if edition.language not in self.parts.left_out:
                yield Step(REPLY if anew else POST, account, code, says, Kind.CORRECTION, answers=anew)
            return
        if not same and account.on_correction == OnCorrection.EDIT:
            yield Step(EDIT, account, code, words, post=old, picture=picture)
        yield Step(REPLY, account, code, says, Kind.CORRECTION, answers=answers)

    def _words(self, account: AuthorityAccount, edition: Edition) -> str:
        """Return what is posted of an edition, "" for nothing: it has no words, or goes out later."""
        if edition.language in self.parts.left_out:
            return ""
        written = (one for one in edition.variants.all() if one.platform == account.network)
        return next((one.caption.strip() for one in written), "")

    def _what_changed(self, account: AuthorityAccount, edition: Edition) -> str:
        return correction_words.words_of(self.bulletin, edition, account.network, self.limits)


def standing_of(bulletin: Bulletin) -> list[AuthorityPost]:
    """Return what is to stand on the networks of a bulletin; one query."""
    rows = AuthorityPost.objects.standing().filter(version__bulletin=bulletin)
    return list(rows.select_related("account").order_by("pk"))


# Each app that keeps what was published is called inside the transaction that publishes (publication.publish.FOLLOWERS).


def follow(version: Version, editions: Iterable[PublishedEdition], *, at: datetime) -> None:
    """Write what a version that is being published has to be posted, edited and deleted, and have workers woken."""
    bulletin = version.bulletin
    keys = AuthorityPost.objects.standing().filter(version__bulletin=bulletin).order_by("pk")
    list(keys.select_for_update(of=("self",)).values_list("pk", flat=True))  # no worker begins one meanwhile
    write(steps_of(bulletin, standing_of(bulletin)), version, at=at, is_late=is_late(bulletin, at=at))


def is_late(bulletin: Bulletin, *, at: datetime) -> bool:
    """
    Return whether a first version comes after the hours for which all of its sends are held, too: the site stood still, or comes from a
    back-up, and it may have been posted since. One query.
    """
    if bulletin.version > 1:
        return False
    targets = list(bulletin.targets.all())
    ends = [one.slot_at + timedelta(minutes=one.grace_minutes) + AT_LEAST for one in targets if one.slot_at]
    return bool(ends) and len(ends) == len(targets) and max(ends) < at


def follow_language(edition: PublishedEdition, *, at: datetime) -> None:
    """Write what follows in one more language of a version that is out."""
    version = edition.version
    steps = steps_of(version.bulletin, standing_of(version.bulletin))
    write([one for one in steps if one.language == edition.language and one.does == POST], version, at=at)


def write(steps: Iterable[Step], version: Version, *, at: datetime, is_late: bool = False) -> None:
    """Write steps as what is to stand on the networks; what `is_late` waits for a person."""
    state = {"state": AuthorityPost.State.STOPPED, "error": jobs.LATE} if is_late else {}
    rows: dict[int, AuthorityPost] = {}
    touched: list[AuthorityPost] = []
    for step in steps:
        if step.does in {POST, REPLY}:
            answers = rows[id(step.answers)] if isinstance(step.answers, Step) else step.answers
            row = AuthorityPost.objects.create(
                account=step.account,
                version=version,
                language=step.language,
                kind=step.kind,
                words=step.words,
                picture=step.picture,
                reply_to=answers,
                key=network_accounts.new_key(step.account, at),
                planned_at=at,
                next_attempt_at=at,
                **state,
            )
            rows[id(step)] = row
        else:
            assert step.post is not None
            row = step.post
            jobs.want(row, **wanted(step, version), at=at)
            if step.does == DELETE:
                for reply in row.replies.standing():
                    jobs.want(reply, is_wanted=False, at=at)
        touched.append(row)
    urgent = version.is_urgent
    for row in touched:
        transaction.on_commit(lambda pk=row.pk: jobs.wake(pk, urgent=urgent), robust=True)


def wanted(step: Step, version: Version) -> dict[str, Any]:
    """Return what a post that stands is to be."""
    if step.does == DELETE:
        return {"is_wanted": False}
    return {"words": step.words, "picture": step.picture, "version": version}
