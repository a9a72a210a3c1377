"""
What people type for where they publish and how many follow them there: a name, an @name, an address copied from a
browser or an app, "12,5k". One form of each is stored.
"""

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _

from bulletins.models import Platform
from lib.http import url_parts

MOST_TYPED = 300  # characters; addresses copied from apps are long

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


def platform_of(typed: str) -> Platform | None:
    """Return which platform an address names, None for a name alone. Raise BadHandle for what hides something."""
    return HOSTS.get(host_of(plain(typed)))


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
