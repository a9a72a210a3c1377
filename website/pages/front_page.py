"""The front page: the newest bulletin, what is true, answers, and what came before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bulletins.models import Version
from bulletins.reader_view.published_fact_checks import latest_facts
from bulletins.reader_view.published_versions import KeyMessage, Reading, listed, read_all
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from questions.answers.published_answers import AnswerReading, answers_of, read_answer

MESSAGES_ON_FRONT_PAGE = 3  # key messages of the newest bulletin
OLDER_ON_FRONT_PAGE = 5
CLAIMS_ON_FRONT_PAGE = 4
ANSWERS_ON_FRONT_PAGE = 3


@dataclass(frozen=True)
class FrontPage:
    """What the front page shows; `withdrawn` are retractions that are newer than the newest bulletin's words."""

    newest: Reading | None = None
    withdrawn: list[Version] = field(default_factory=list)
    older: list["Reading | Version"] = field(default_factory=list)
    claims: Sequence[ClaimVersion] = ()
    answers: Sequence[AnswerReading] = ()

    @property
    def gist(self) -> Sequence[KeyMessage]:
        """The first key messages of the newest bulletin."""
        return self.newest.key_messages[:MESSAGES_ON_FRONT_PAGE] if self.newest else ()


def front_page(campaign: Campaign | None, *, language: str, at: datetime) -> FrontPage:
    """Return what the front page shows at `at`, for any campaign or none, in a fixed number of queries."""
    if campaign is None:
        return FrontPage()
    versions = list(listed(campaign, at=at)[: OLDER_ON_FRONT_PAGE + 1])
    rows = read_all(versions, language=language, fallback=campaign.default_language, at=at)
    newest = next((row for row in rows if isinstance(row, Reading)), None)
    withdrawn = [
        row
        for row in rows
        if isinstance(row, Version) and (newest is None or row.published_at > newest.version.published_at)
    ]
    return FrontPage(
        newest=newest,
        withdrawn=withdrawn,
        older=[row for row in rows if row is not newest],
        claims=list(latest_facts(campaign)[:CLAIMS_ON_FRONT_PAGE]),
        answers=[read_answer(one, at=at) for one in answers_of(campaign, at=at)[:ANSWERS_ON_FRONT_PAGE]],
    )
