"""Who is counted as a reader of a public page: people, not programs."""

import re

from django.http import HttpRequest

# Programs that say what they are. Whoever reads with one of them is not counted, and neither is one that says nothing.
BOTS = re.compile(
    r"bot|crawl|spider|slurp|preview|fetch|monitor|scan|curl|wget|python|java/|go-http|headless|lighthouse|externalhit"
    r"|whatsapp|telegram|embedly|archive",
    re.IGNORECASE,
)


def is_reader(request: HttpRequest) -> bool:
    """Return whether a request is of somebody who reads a page of ours: no program, no page that is fetched ahead, no other site's."""
    agent = request.headers.get("User-Agent", "")
    return (
        request.method == "GET"
        and bool(agent)
        and BOTS.search(agent[:400]) is None
        and "prefetch" not in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )
