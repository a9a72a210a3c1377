"""
What people type for where they publish and how many follow them there: a name, an @name, an address copied from a
browser or an app, "12,5k". One form of each is stored.
"""

import re
import unicodedata
from decimal import Decimal
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from bulletins.models import Platform
from lib.http import url_parts

MOST_TYPED = 300  # characters; addresses copied from apps are long
MOST_FOLLOWERS = 2_000_000_000

# Characters that turn the order of others round, or break a line.
TURNING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069]")
# Characters that take no room: what phones and chat programs add when text is copied.
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2065\ufe00-\ufe0f\ufeff]")

HOSTS = {
    "instagram.com": Platform.INSTAGRAM,
    "instagr.am": Platform.INSTAGRAM,
    "ig.me": Platform.INSTAGRAM,
    "tiktok.com": Platform.TIKTOK,
    "youtube.com": Platform.YOUTUBE,
    "youtu.be": Platform.YOUTUBE,
    "facebook.com": Platform.FACEBOOK,
    "fb.com": Platform.FACEBOOK,
    "fb.me": Platform.FACEBOOK,
    "x.com": Platform.X,
    "twitter.com": Platform.X,
    "threads.net": Platform.THREADS,
    "threads.com": Platform.THREADS,
    "snapchat.com": Platform.SNAPCHAT,
}
# Hosts of short addresses, which tell no name.
SHORT_HOSTS = {"vm.tiktok.com", "vt.tiktok.com", "t.snapchat.com", "on.fb.me", "l.instagram.com", "l.facebook.com"}
# First parts of addresses that lead to no profile.
NO_PROFILE: dict[str, set[str]] = {
    Platform.INSTAGRAM: {"p", "reel", "reels", "tv", "explore", "accounts", "direct", "share", "s"},
    Platform.TIKTOK: {"tag", "music", "discover", "foryou", "search", "t", "v"},
    Platform.YOUTUBE: {"watch", "shorts", "playlist", "live", "embed", "feed", "results", "hashtag", "post", "clip"},
    Platform.FACEBOOK: {
        *(
            "groups",
            "events",
            "watch",
            "reel",
            "reels",
            "share",
            "sharer",
            "sharer.php",
            "photo",
            "photos",
            "photo.php",
        ),
        *("video.php", "videos", "hashtag", "search", "media", "gaming", "permalink.php", "story.php", "marketplace"),
        *("home.php", "login", "login.php", "help", "dialog", "plugins"),
    },
    Platform.X: {
        "i",
        "home",
        "search",
        "explore",
        "hashtag",
        "intent",
        "share",
        "messages",
        "notifications",
        "compose",
    },
    Platform.THREADS: {"t", "search", "post"},
    Platform.SNAPCHAT: {"spotlight", "lens", "discover", "t", "p"},
}
# Parts of addresses that a name stands behind.
BEFORE_THE_NAME: dict[str, set[str]] = {
    Platform.INSTAGRAM: {"stories", "m", "_u"},
    Platform.TIKTOK: set(),
    Platform.YOUTUBE: {"channel", "c", "user"},
    Platform.FACEBOOK: {"pg", "stories", "m"},
    Platform.X: set(),
    Platform.THREADS: set(),
    Platform.SNAPCHAT: {"add", "u"},
}
CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
ALLOWED: dict[str, re.Pattern[str]] = {
    Platform.INSTAGRAM: re.compile(r"(?!.{0,28}\.\.)[a-z0-9._]{1,30}"),
    Platform.TIKTOK: re.compile(r"[a-z0-9._]{2,24}"),
    Platform.YOUTUBE: re.compile(r"[\w.·-]{1,100}"),
    Platform.FACEBOOK: re.compile(r"[a-z0-9.-]{1,60}"),
    Platform.X: re.compile(r"[a-z0-9_]{1,15}"),
    Platform.THREADS: re.compile(r"(?!.{0,28}\.\.)[a-z0-9._]{1,30}"),
    Platform.SNAPCHAT: re.compile(r"[a-z][a-z0-9._-]{2,14}"),
}
LABEL = re.compile(
    r"(?:instagram|insta|ig|tiktok|tt|youtube|yt|facebook|fb|twitter|x|threads|snapchat|snap)\s*:\s*(?!/)",
    re.IGNORECASE,
)
# A name with its @ behind other words, or before what is no word: "Elli (@elli)", "insta @elli".
NAMED = re.compile(r"(?<![\w.])@([\w.·-]++)(?!\s*\w)")
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[^\s@]+\.[^\s@]+")
AROUND = re.compile(r"\A[^\w.@/-]+|[^\w.@/-]+\Z")


class BadHandle(ValueError):
    """What was typed names no account. The text says why and how it looks right."""


class BadCount(ValueError):
    """What was typed is no number of followers. The text says how it looks right."""


class TooMany(BadCount):
    """A number above the largest that is kept; its text says which that is."""


def normal(platform: str, typed: str) -> str:
    """
    Return the name of an account on a platform (one of Platform) in its one stored form: without @ and address, in
    lower case; of a YouTube channel without a name its id (UC…), of a Facebook profile without a name its number.

    Raise BadHandle.
    """
    name = Platform(platform).label
    text = plain(typed)
    if "/" in text or host_of(text) in HOSTS or host_of(text) in SHORT_HOSTS:
        text = from_address(platform, text)
    elif MAIL.search(text):
        raise BadHandle(_("This looks like an email address. Enter the account name, for example @name."))
    elif len(named := NAMED.findall(text)) == 1:
        text = named[0]
    text = text.lstrip("@ ").strip().strip(".")
    if platform == Platform.YOUTUBE and CHANNEL.fullmatch(text):
        return text
    text = text.lower()
    if not ALLOWED[platform].fullmatch(text) or not any(sign.isalnum() for sign in text):
        raise BadHandle(
            _("This is not an account name on %(platform)s. Enter it like @name, or copy the profile's address.")
            % {"platform": name}
        )
    return text


def followers(typed: str, language: str) -> int:
    """
    Return a number of followers as people write it: 12 000, 12.500, 12,5k, 1.2M, "1,2 milj.". Where a point or a comma
    can mean both, `language` says which it is: a decimal point in English, a decimal comma elsewhere.

    Raise BadCount, and TooMany above the largest that is kept.
    """
    wrong = BadCount(_("Enter the number of followers, for example 12000 or 12.5k."))
    if len(typed) > MOST_TYPED:
        raise wrong
    text = UNSEEN.sub("", unicodedata.normalize("NFKC", typed)).strip().lower()
    found = COUNT.fullmatch(text)
    if not found:
        raise wrong
    scale = SCALES[(found["scale"] or "")]
    digits = re.sub(r"[\s'’_]", "", found["number"])
    if not GROUPED.fullmatch(found["number"].strip()):
        raise wrong
    number = number_of(digits, decimal="." if language.partition("-")[0] == "en" else ",", scaled=scale > 1)
    if number is None or (whole := number * scale) != int(whole):
        raise wrong
    if whole > MOST_FOLLOWERS:
        most = number_format(MOST_FOLLOWERS, use_l10n=True, force_grouping=True)
        raise TooMany(_("The largest number that can be entered here is %(most)s.") % {"most": most})
    return int(whole)


# --- Parts -----------------------------------------------------------------------------------------


def plain(typed: str) -> str:
    """Return what was typed without what phones and hands add around it. Raise BadHandle for what hides something."""
    if len(typed) > MOST_TYPED:
        raise BadHandle(_("This is too long for an account. Enter its name, for example @name."))
    text = UNSEEN.sub("", typed.strip())
    if TURNING.search(text):
        raise BadHandle(_("It contains invisible characters. Type the account name again."))
    text = unicodedata.normalize("NFKC", text)
    text = LABEL.sub("", text.strip(), count=1) if LABEL.match(text.strip()) else text.strip()
    text = AROUND.sub("", text)
    if not text:
        raise BadHandle(_("The account name is missing. Enter it like @name."))
    return text


def host_of(text: str) -> str:
    """Return the host that an address, with or without https://, begins with, as HOSTS writes it."""
    host = re.split(r"[/?#:]", re.sub(r"^[a-z]*:?/+", "", text.lower()), maxsplit=1)[0].strip(".")
    if host in SHORT_HOSTS:
        return host
    parts = host.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 else host


def refuse_elsewhere(wanted: Platform, host: str) -> None:
    """Raise BadHandle for a host that is not the platform's, or that tells of nobody."""
    if host in SHORT_HOSTS:
        raise BadHandle(_("A short address does not show whose it is. Open it, and copy the profile's address."))
    there = HOSTS.get(host)
    if there is None:
        raise BadHandle(
            _("This is not an address on %(platform)s. Enter the account name, for example @name.")
            % {"platform": wanted.label}
        )
    if there != wanted:
        raise BadHandle(
            _("This is an address on %(other)s. Enter it there, and here the one on %(platform)s.")
            % {"other": there.label, "platform": wanted.label}
        )


def on_facebook(parts: list[str], query: str) -> str | None:
    """Return whose address on Facebook this is where it says so in a way of its own, "" for nobody's, else None."""
    first = "".join(parts[:1])
    if first == "profile.php":
        return (parse_qs(query).get("id") or [""])[0]
    if first in {"people", "pages"}:
        return parts[-1] if len(parts) > 2 else ""
    if first == "p":  # /p/Name-Of-Page-123/
        return "".join(re.findall(r"(?<!\d)\d+\Z", "".join(parts[1:2])))
    return None


def from_address(platform: str, text: str) -> str:
    """Return the name in a profile's address. Raise BadHandle when it leads elsewhere."""
    wanted, host = Platform(platform), host_of(text)
    refuse_elsewhere(wanted, host)
    written = "https://" + re.sub(r"^[a-z]*:?/+", "", text, flags=re.IGNORECASE)
    address = url_parts.parts_of(written) or urlsplit("")
    parts = [unquote(part).strip() for part in address.path.split("/") if part.strip()]
    if platform == Platform.FACEBOOK and (known := on_facebook(parts, address.query)) is not None:
        return known
    if parts and parts[0].lower() in BEFORE_THE_NAME[platform]:
        parts = parts[1:]
    is_short_video = host == "youtu.be" and not "".join(parts[:1]).startswith("@")
    if not parts or is_short_video or parts[0].lower() in NO_PROFILE[platform]:
        raise BadHandle(
            _(
                "This is not the address of a profile. Open your profile on %(platform)s and copy the "
                "address from there."
            )
            % {"platform": wanted.label}
        )
    return parts[0]


THOUSAND, MILLION = 1_000, 1_000_000
SCALES = {
    word: scale
    for scale, words in {
        1: [""],
        THOUSAND: "k t tn tuhatta tusen thousand".split(),
        MILLION: "m milj mn mio miljoonaa miljoner miljon million millions".split(),
    }.items()
    for word in words
}
COUNT = re.compile(
    r"(?:(?:n|noin|yli|ca|cirka|circa|about|över|over)\b\.?|[~≈>])?\s*+(?P<number>\d(?:[\d\s.,'’_]*[\d.,'’_])?+)"
    rf"(?:\s*+(?P<scale>{'|'.join(scale for scale in SCALES if scale)})(?![^\W\d])|(?![^\W\d]))\.?\s*+(?:\+\s*+)?"
    r"(?:seuraajaa|följare|followers|tilaajaa|prenumeranter|subscribers)?"
)
GROUPED = re.compile(r"\d+(?:[.,]\d+)*|\d{1,3}(?:[\s'’_]\d{3})+(?:[.,]\d+)?")


def in_thousands(groups: list[str]) -> bool:
    """Return whether groups of digits are those of one number: "12", "500"."""
    return len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])


def number_of(digits: str, *, decimal: str, scaled: bool) -> Decimal | None:
    """Return a number whose points and commas group thousands or set off decimals, or None when they fit neither."""
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return Decimal(digits)
    groups = re.split(r"[.,]", digits)
    kinds = len(set(signs))
    if kinds == 1 and in_thousands(groups) and not (scaled and signs == [decimal]):
        return Decimal("".join(groups))
    if not scaled:  # people are counted whole
        return None
    *before, last = signs
    if not before or (last not in before and kinds == 2 and all(len(group) == 3 for group in groups[1:-1])):
        return Decimal(f"{''.join(groups[:-1])}.{groups[-1]}")
    return None
