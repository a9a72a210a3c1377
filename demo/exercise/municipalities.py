"""Finland's municipalities, as a file brings them (demo/content/municipalities.csv), and somebody who sends stories for one."""

from datetime import datetime

from accounts.models import User
from campaigns.models import Campaign
from demo.content_files.reader import FOLDER
from stories.models import MunicipalityMember
from stories.municipalities import municipality_list

SENDS_FOR = "091"  # the code of the municipality that the demo's person sends stories for


def create(campaign: Campaign, *, sender: User, by: User, at: datetime) -> None:
    """Store the list as the desk does, and let somebody send stories."""
    text = municipality_list.text_of((FOLDER / "municipalities.csv").read_bytes())
    plan = municipality_list.plan(campaign, text)
    municipality_list.store(campaign, text, digest=plan.digest, invites=False, by=by, at=at)
    town = campaign.municipalities.get(code=SENDS_FOR)
    MunicipalityMember.objects.create(municipality=town, user=sender, joined_at=at)
