"""
Read the demo campaign's files and check them before anything is written.

Everything is parsed and every reference is looked up, so what `read()` returns can be loaded as it is. The
first thing wrong is a ContentError: one sentence that names the file and the line or field.
"""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from lib.yaml_files import Item, read_text, yaml_item

from .bulletin_files import read_bulletin
from .campaign_file import check_campaign
from .claim_files import read_claims
from .commission_file import read_commissions
from .content import Content
from .formats import markdown
from .help_file import read_ways_to_help
from .input_files import read_inputs
from .network_file import NETWORK, check_network, read_thanks
from .question_file import read_questions
from .story_file import read_stories
from .word_lists import read_words

FOLDER = Path(__file__).parents[1] / "content"


def read(folder: Path = FOLDER) -> Content:
    """Return the checked content of `folder`. Raise ContentError for the first thing that is wrong."""
    campaign = yaml_item(read_text(folder, "campaign.yaml"), "campaign.yaml", ())
    languages = tuple(campaign.texts("languages"))
    if not languages:
        raise campaign.fault("languages", "is empty")
    campaign = Item(campaign.data, campaign.file, campaign.line, "", languages)
    try:
        zone = ZoneInfo(campaign.text("time_zone"))
    except (ValueError, OSError, KeyError):
        raise campaign.fault("time_zone", f"is {campaign.get('time_zone')!r}, which is no time zone") from None
    network = yaml_item(read_text(folder, NETWORK), NETWORK, languages)
    content = Content(campaign, network, languages, zone)
    check_campaign(content)
    content.inputs.extend(read_inputs(folder, content))
    facts = {fact.text("id") for entry in content.inputs for fact in entry.facts}
    read_claims(folder, content)
    for number in sorted({item.number("bulletin") for item in campaign.items("schedule") if "bulletin" in item.data}):  # type: ignore[type-var]  # none is None
        read_bulletin(folder, content, int(number or 0), facts)
    read_questions(folder, content, facts)
    read_words(folder, content)
    read_thanks(folder, content)
    read_ways_to_help(folder, content)
    read_stories(folder, content)
    read_commissions(folder, content)
    check_network(content)
    for language in languages:
        for kind, into in (("code-of-ethics", content.codes_of_ethics), ("handbook", content.handbooks)):
            name = f"handbook/{kind}.{language}.md"
            front, body = markdown(read_text(folder, name), name, languages)
            front.text("title", 160)
            front.number("version")
            if kind == "code-of-ethics":
                points = len(re.findall(r"^\d+\. ", body, re.MULTILINE))
                if front.number("points") != points:
                    raise front.fault("points", f"is {front.number('points')}, but the text has {points} points")
                front.text("signing")
            into[language] = (front, body)
    return content
