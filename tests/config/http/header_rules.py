"""What every answer says to protect itself in the browser, and where else what is somebody's own may be kept: nowhere."""

from typing import Any

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FRAMED = {
    "website:embed",
    "website:embed_bulletin",
    "website:embed_help",
    "website:embed_story",
    "website:embed_offer",
}  # the boxes for other sites
OTHERS_MAY_READ = {
    *(*FRAMED, "website:rss", "website:atom", "website:json_feed", "website:help_atom", "website:help_json"),
    *("website:stories_rss", "website:stories_atom", "website:stories_json", "website:contributions_atom"),
    "commissions:picture",
    *("website:calendar", "alerts", "alert", "oembed", "media", "factcheck:feed", "factcheck:claims_data"),
    *("factcheck:claimreview_data", "factcheck:card", "website:answer_card", "website:status_data"),
}
NOBODYS_OWN = {"website:app", "website:app_icon"}  # the same for everyone: caches may keep them
LIKE_A_KEY = ("no-referrer", "strict-origin")
HSTS_SECONDS = 31_536_000


def faults_of(name: str, answer: Any, *, is_known: bool) -> list[str]:
    """Return what the answer of a route lacks that was asked over HTTPS, by someone who is logged in if `is_known`."""
    may = name in OTHERS_MAY_READ or name.startswith("api:")
    framed = name in FRAMED and answer.status_code != 404
    faults = wrong_with(answer, framed=framed, open_to_others=may)
    if f"max-age={HSTS_SECONDS}" not in answer.get("Strict-Transport-Security", ""):
        faults.append("no HSTS")
    cached = answer.get("Cache-Control", "")
    if is_known and "no-store" not in cached and not ((may or name in NOBODYS_OWN) and "public" in cached):
        faults.append(f"may be cached: {cached}")
    if "token" in answer.wsgi_request.resolver_match.kwargs and not (
        answer.get("Referrer-Policy") in LIKE_A_KEY and "no-store" in cached and answer.get("X-Robots-Tag") == "noindex"
    ):
        faults.append("its address is a key, and it does not behave so")
    return faults


def wrong_with(answer: Any, *, framed: bool, open_to_others: bool) -> list[str]:
    """Return what an answer lacks, whoever asked for it and how."""
    wrong = [f"{name} is {answer.get(name)}" for name, value in ALWAYS.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe-eval" in policy:
        wrong.append(f"policy {policy}")
    scripts = [part for part in policy.split("; ") if part.startswith("script-src")]
    if any("unsafe" in part or "*" in part for part in scripts):
        wrong.append(f"scripts {scripts}")
    if framed != ("X-Frame-Options" not in answer) or framed != ("frame-ancestors 'none'" not in policy):
        wrong.append("may be framed, or not")
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    if answer.get("Referrer-Policy") not in {"same-origin", *LIKE_A_KEY}:
        wrong.append(f"Referrer-Policy {answer.get('Referrer-Policy')}")
    allowed = {"cross-origin", "same-origin"} if open_to_others else {"same-origin"}
    if answer.get("Cross-Origin-Resource-Policy") not in allowed:
        wrong.append(f"Cross-Origin-Resource-Policy {answer.get('Cross-Origin-Resource-Policy')}")
    return wrong
