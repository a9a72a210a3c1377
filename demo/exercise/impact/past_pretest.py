"""A pretest with made-up answers: a draft that six people read by one link before it was submitted."""

from datetime import datetime, timedelta

from accounts.models import User
from bulletins.models import Bulletin
from impact.models import Pretest
from impact.pretests import answers, pretest_steps

SIZE = 6
# What it asks, what was unclear, the places of unclear sentences in the Finnish text, whether they would share it, and why.
SAID = (
    answers.Answer("Pysymään pyhät kotona", "", [], "yes", "Ohje on selvä."),
    answers.Answer("Olemaan menemättä mökille", "Koskeeko tämä myös päiväretkeä?", [2], "yes", ""),
    answers.Answer("Soittamaan isovanhemmille", "", [2], "unsure", "Liian pitkä minun seuraajilleni."),
    answers.Answer("Jäämään kotiin ja välttämään matkoja", "Mihin asti?", [2, 4], "yes", ""),
)


def try_draft(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """Show a draft at a moment, and let people answer in the half hour after it."""
    pretest = pretest_steps.show(
        bulletin, way=Pretest.Way.LINK, size=SIZE, hours=1, digest=bulletin.content_digest(), by=by, at=at
    )
    for number, said in enumerate(SAID, 1):
        answers.take(pretest, None, said, language="fi", at=at + timedelta(minutes=7 * number))
