"""
Addresses of posts, as people paste them. They are looked at and compared, never opened: whether an address leads
anywhere is nobody's business but the reader's.
"""

import re
from urllib.parse import urlsplit, urlunsplit

from django.utils.translation import gettext as _

from bulletins.models import Platform
from factcheck.matching import canonical_urls
from lib.http import safe_fetch, url_parts

MOST = 500  # characters

# Where each platform has its posts, its short links with it. A host counts with everything below it (m., www., vm.).
HOSTS: dict[str, tuple[str, ...]] = {
    Platform.INSTAGRAM: ("instagram.com", "instagr.am", "ig.me"),
    Platform.TIKTOK: ("tiktok.com",),
    Platform.YOUTUBE: ("youtube.com", "youtu.be", "youtube-nocookie.com"),
    Platform.FACEBOOK: ("facebook.com", "fb.com", "fb.watch", "fb.me"),
    Platform.X: ("x.com", "twitter.com", "t.co"),
    Platform.THREADS: ("threads.com", "threads.net"),
    Platform.SNAPCHAT: ("snapchat.com",),
}

# What the address of a profile looks like, and of no post.
_PROFILES: dict[str, re.Pattern[str]] = {
    platform: re.compile(shape)
    for platform, shape in {
        Platform.INSTAGRAM: r"(instagram\.com|instagr\.am)/[^/]+",
        Platform.TIKTOK: r"tiktok\.com/@[^/]+",
        Platform.YOUTUBE: r"youtube\.com/(@[^/]+|(c|channel|user)/[^/]+)(/(featured|videos|shorts|streams))?",
        Platform.FACEBOOK: r"facebook\.com/(?!(watch|photo|photo\.php|permalink\.php|story\.php|video\.php)$)[^/]+",
        Platform.X: r"(x|twitter)\.com/[^/]+",
        Platform.THREADS: r"threads\.(com|net)/@[^/]+",
        Platform.SNAPCHAT: r"snapchat\.com/(@|add/)[^/]+",
    }.items()
}
_ADDRESS = re.compile(r"https?://\S+")
_AROUND = ".,;:!?…\"'”’»)]>"


class BadPostAddress(Exception):
    """An address that is none of a post; its text says why and what to do."""


def checked(typed: str, platform: str) -> tuple[str, str]:
    """
    Return (address, the address as it is compared) of a post on a platform, ("", "") when nothing was typed.

    What an app's share button puts around it is left out. Raise BadPostAddress when it is no https address of a post on that
    platform.
    """
    url = one_address(typed)
    if not url:
        return "", ""
    if "://" not in url[:12] and "." in url.partition("/")[0]:
        url = f"https://{url}"
    if url[:8].lower() != "https://":
        raise BadPostAddress(_("The address must begin with https://. Copy it from the app's share button."))
    host = host_of(url)
    found = platform_of(host)
    if not found:
        name = Platform(platform).label
        raise BadPostAddress(
            _("This is not an address on %(platform)s. Copy it from the app's share button.") % {"platform": name}
        )
    if found != platform:
        names = {"found": Platform(found).label, "platform": Platform(platform).label}
        raise BadPostAddress(_("This address is on %(found)s, and you chose %(platform)s. Change one of them.") % names)
    parts = urlsplit(url)  # host_of() has found it to be an address
    if parts.path.strip("/") == "" and not parts.query:
        raise BadPostAddress(_("This is the front page. Open your post and copy its address."))
    address = urlunsplit(("https", host, parts.path, parts.query, ""))
    if len(address) > MOST:  # as it is kept: other letters than a to z make a host longer
        raise BadPostAddress(_("The address is too long. Copy it from the app's share button."))
    if is_profile(address, platform):
        raise BadPostAddress(_("This is the address of a profile. Open your post and copy its address."))
    return address, key_of(url)


def one_address(typed: str) -> str:
    """Return the one address in a text that was pasted, or the text without its spaces where there is none or more."""
    found = _ADDRESS.findall(typed)
    return found[0].rstrip(_AROUND) if len(found) == 1 else "".join(typed.split())


def is_profile(url: str, platform: str) -> bool:
    """Return whether an address has the shape that profiles have on a platform, and no post."""
    if (parts := url_parts.parts_of(url)) is None:
        return False
    place = (parts.hostname or "").removeprefix("www.").removeprefix("m.") + parts.path.rstrip("/")
    return platform in _PROFILES and bool(_PROFILES[platform].fullmatch(place))


def host_of(url: str) -> str:
    """
    Return the host of an https address. Raise BadPostAddress when it leads into a private network, in any spelling, has a
    user name, a password or a port of its own, or is no address.
    """
    if safe_fetch.looks_private(url):
        raise BadPostAddress(_("This address leads to a private network, not to a post that others can see."))
    parts = url_parts.parts_of(url)
    try:
        host = (parts.hostname or "").rstrip(".") if parts else ""
        host = host if ":" in host else host.encode("idna").decode().lower()
    except UnicodeError:
        parts = None
    if parts is None:
        raise BadPostAddress(_("This is not a web address. Copy it from the app's share button."))
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise BadPostAddress(_("The address contains a user name or a password. Copy it from the app's share button."))
    if parts.port not in {None, 443}:
        raise BadPostAddress(_("The address contains a port number. Copy it from the app's share button."))
    if not host or "." not in host:
        raise BadPostAddress(_("This is not a web address. Copy it from the app's share button."))
    return host


def platform_of(host: str) -> str:
    """Return the platform that a host belongs to, "" for any other."""
    return next(
        (
            platform
            for platform, hosts in HOSTS.items()
            if any(host == known or host.endswith(f".{known}") for known in hosts)
        ),
        "",
    )


def key_of(url: str) -> str:
    """Return an address as it is compared: the same post under one name, without what only tells who shared it."""
    return canonical_urls.url_key(url)
