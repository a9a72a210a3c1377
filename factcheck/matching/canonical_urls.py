"""
Addresses as they are compared: one form for a page, a post or a video, whichever of a site's addresses someone gives, that
of an archived copy (web.archive.org) among them.
"""

import hashlib
import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode

from lib.http import url_parts

# Names of the same site, and where a site has its posts: host, the part that names the post, what it is.
SAME_HOST = {
    "twitter.com": "x.com",
    "fb.com": "facebook.com",
    "youtube-nocookie.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "youtu.be": "youtube.com",
    "telegram.me": "t.me",
    "threads.net": "threads.com",
}
POSTS = (
    ("youtube.com", r"^/(?:shorts|embed|live|v)/([\w-]{6,})", "video"),
    ("youtube.com", r"^/watch.*[?&]v=([\w-]{6,})", "video"),
    ("youtube.com", r"^/([\w-]{11})\?", "video"),  # youtu.be
    ("x.com", r"/status(?:es)?/(\d+)", "status"),
    ("tiktok.com", r"/(?:video|photo|v)/(\d+)", "video"),
    ("instagram.com", r"/(?:p|reel|reels|tv)/([\w-]+)", "p"),
    ("threads.com", r"/post/([\w-]+)", "post"),
    ("facebook.com", r"^/watch.*[?&]v=(\d+)", "video"),
    ("facebook.com", r"/(?:videos|reel)/(?:[^/?]+/)?(\d+)", "video"),
    ("facebook.com", r"/posts/(?:[^/?]+/)?(\w+)", "post"),
    ("facebook.com", r"[?&]story_fbid=(\w+)", "post"),
)
_TRACKING = re.compile(
    r"(utm_.*|pk_.*|mtm_.*|hsa_.*|mc_[ce]id|(fb|g|tw|y|tt)clid|dclid|msclkid|wbraid|gbraid|_ga|_gl|igsh(id)?|si|feature|ref|"
    r"ref_src|ref_url|share_id|spm|cmpid|ocid|fb(_.*|ref)|mibextid|rdid|__.*|amp)$",
    re.IGNORECASE,
)
_OTHER_SCHEME = re.compile(r"[a-z]+:(?!\d)", re.IGNORECASE)
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/[^/]+/(.+)", re.IGNORECASE)


def url_key(url: str) -> str:
    """
    Return an address as it is compared, 500 characters at most: without scheme, www and m, fragment and what only tells
    where someone came from; the same video or post under one name. "" for what is no address on the web.
    """
    if (parts := url_parts.parts_of(_with_scheme("".join(url.split())))) is None:
        return ""
    host = _host_of(parts)
    if parts.scheme.lower() not in {"http", "https"} or "." not in host:
        return ""
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    path = quote(unquote(parts.path), safe="/@:~!$&'()*+,;=-._")
    path = re.sub(r"/(index\.(html?|php))?$", "", re.sub(r"/{2,}", "/", path))
    query = parse_qsl(parts.query, keep_blank_values=True)
    for site, pattern, name in POSTS:
        if host == site and (post := re.search(pattern, f"{path}?{urlencode(query)}")):
            return f"{site}/{name}/{post[1]}"[:500]
    if host == "t.me":
        path = path.removeprefix("/s") if path.startswith("/s/") else path
    kept = sorted((name, value) for name, value in query if not _TRACKING.match(name))
    key = f"{host}{port}{path}" + (f"?{urlencode(kept)}" if kept else "")
    return key if len(key) <= 500 else f"{key[:435]}#{hashlib.sha256(key.encode()).hexdigest()}"


def _with_scheme(url: str) -> str:
    """Return an address, of an archived copy that of what it is a copy of, with its scheme; "" for none on the web."""
    if archived := _ARCHIVED.match(url):
        url = archived[1]
    if "://" in url[:10]:
        return url
    return "" if _OTHER_SCHEME.match(url) else f"https://{url}"


def _host_of(parts: SplitResult) -> str:
    """Return the host of an address as it is compared, "" for what is none."""
    try:
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    while host.count(".") > 1 and host.partition(".")[0] in {"www", "m", "mobile", "amp", "touch", "old"}:
        host = host.partition(".")[2]
    return SAME_HOST.get(host, host)
