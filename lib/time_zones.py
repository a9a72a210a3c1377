"""Time zones to choose from: each place once, by the name that the IANA database has for it now."""

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global


@cache
def offered() -> list[str]:
    """
    Return the names of places, sorted. Names that others have replaced (US/Alaska, Pacific/Ponape) still work wherever one is stored;
    they are those to which the CLDR gives another.
    """
    replaced = get_global("zone_aliases")
    return sorted(one for one in available_timezones() - replaced.keys() if "/" in one and not one.startswith("Etc/"))
