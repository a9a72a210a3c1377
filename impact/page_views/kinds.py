"""Which public pages are counted, and as what."""

ANSWER, STORY = "answer", "story"
WITH_SUBJECT = (ANSWER, STORY)  # whose pages are counted apart
# By the names of their addresses. Forms, the portal, feeds and pages about the site are not counted.
KINDS = {
    "home": "home",
    "website:archive": "bulletins",
    "website:bulletin": "bulletin",
    "website:answers": "answers",
    "website:answer": ANSWER,
    "website:help": "help",
    "stories:wall": "stories",
    "stories:story": STORY,
    "factcheck:claims": "facts",
    "factcheck:claim": "fact",
}


def address_of(campaign: int, view_name: str, subject: int = 0) -> str:
    """Return the address of the dot that a page ends with, "" for a page that is not counted."""
    kind = KINDS.get(view_name)
    return f"/seen/{campaign}/{kind}/{subject if kind in WITH_SUBJECT else 0}.gif" if kind else ""
