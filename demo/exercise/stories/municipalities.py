"""Finland's municipalities, as a file brings them (demo/content/municipalities.csv)."""

from datetime import datetime

from accounts.models import User
from campaigns.models import Campaign
from demo.content_files.reader import FOLDER
from stories.municipalities import municipality_list


def create(campaign: Campaign, *, by: User, at: datetime) -> None:
    """Store the list as the desk does."""
    text = municipality_list.text_of((FOLDER / "municipalities.csv").read_bytes())
    plan = municipality_list.plan(campaign, text)
    municipality_list.store(campaign, text, digest=plan.digest, invites=False, by=by, at=at)
