"""
Taking addresses, tokens, codes and passwords out of a text before it is written anywhere.

It is the net below the law, not the law: code logs keys. A name cannot be told from other words, so no code may log one.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from django.conf import settings

ADDRESS, TOKEN, SECRET, VALUES, QUERY = "[address]", "[token]", "[secret]", "[values]", "[query]"
SHORTEST_SECRET = 6  # characters; a shorter one would be found in ordinary words
LONGEST = 8_000  # characters of one text that are looked at and kept; more says nothing new
LONGEST_TRACE = 40_000  # of a traceback, half of them from its end
CUT = " […]"

AT = r"(?:@|＠|%40|=40|&#64;|&#x40;|\\u0040|\\x40|[ ]?[\[(]at[\])][ ]?)"
LOCAL = r"(?:\"[^\"\r\n]{1,64}\"|(?<![\w.!#$%*+^{|}~-])[\w.!#$%*+^{|}~-]{1,200}?)"
DOMAIN = r"(?:(?:[\w-]+(?:\.|%2e))+[\w-]{2,}|\[[\d.:a-f]+\])"
# (pattern, what stands there instead), in this order. Each is linear, also on what someone made to be long: a run
# without a bound begins at one place only (tests/attacks/budget/test_patterns.py).
RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # postgres://user:password@host
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@'\"<>]{1,500}@", re.I), rf"\1{SECRET}@"),
    # Words of a mail's header that were encoded: a name, as a rule.
    (re.compile(r"=\?[\w-]{1,30}\?[bq]\?[^\s?]{0,500}\?=", re.I), VALUES),
    # What PostgreSQL adds to a fault: values of the row, and the statement with what was put into it.
    (re.compile(r"\b(DETAIL|CONTEXT|LINE \d{1,9}):[^\r\n]*"), rf"\1: {VALUES}"),
    (re.compile(r"(?<![^\W_])(authorization|cookie|csrftoken)\b(['\"]?\s{0,20}[:=]\s{0,20}['\"]?)[^\r\n'\"]+", re.I),
     rf"\1\2{SECRET}"),
    (re.compile(r"\b(Bearer|Basic)\s{1,20}[\w.~+/=-]{6,}", re.I), rf"\1 {SECRET}"),
    (re.compile(r"[?&][\w.-]{1,100}=[^\s\"'<>]*"), f"?{QUERY}"),
    (re.compile(r"(password|passwd|secret|token|sessionid|session_key|api_?key|otp|code)"
                r"(['\"]?\s{0,20}[:=]\s{0,20}b?['\"]?)([^\s'\"&,;)}\]]{6,})", re.I), rf"\1\2{SECRET}"),
    (re.compile(rf"{LOCAL}{AT}{DOMAIN}", re.I), ADDRESS),
    # 123.45:1uXyZa:signature, as django.core.signing writes it; and the marks of delivery.links.signing.
    (re.compile(r"(?<![\w.~=-])[\w.~=-]{1,2000}+(?::|%3a)(?:[A-Za-z0-9]{5,8}(?::|%3a))?([\w-]{27,})", re.I),
     lambda found: TOKEN if is_random(found[1]) else found[0]),
    (re.compile(r"(?<![\w.])\d[\d.]*\.(?=\d*[a-f])[0-9a-f]{16}(?!\w)", re.I), TOKEN),
)  # fmt: skip
# "Anna Virtanen <[address]>": the words before an address are someone's name.
NAMED = re.compile(rf"(\"[^\"\r\n]{{0,100}}\"|(?<!\S)(?:[^\W\d_][\w.'’-]*[ ]){{1,5}})\s?<{re.escape(ADDRESS)}>")
OPAQUE = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{20,}(?![\w-])")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def clean(text: str) -> str:
    """Return `text` without mail addresses in any spelling, tokens, session keys, codes after their names, and passwords."""
    text = cut(text, LONGEST)
    for secret in secrets():
        text = text.replace(secret, SECRET)
    for pattern, instead in RULES:
        text = pattern.sub(instead, text)
    return OPAQUE.sub(without_tokens, NAMED.sub(without_name, text))


def clean_trace(text: str) -> str:
    """Return a traceback as `clean` does, line by line; of a long one its beginning and its end, which names the fault."""
    half = LONGEST_TRACE // 2
    if len(text) > LONGEST_TRACE:
        text = f"{cut(text, half)}\n{text[-half:].partition('\n')[2]}"
    return "".join(clean(line) for line in text.splitlines(keepends=True))


def cut(text: str, most: int) -> str:
    """Return at most so much of a text, cut between words: half an address or token could not be recognised."""
    if len(text) <= most:
        return text
    words = text[:most].rsplit(maxsplit=1)
    return (words[0] if len(words) == 2 else "") + CUT


def without_name(found: re.Match[str]) -> str:
    """Return what stands before an address without the name at its end: words with a capital."""
    words = [] if found[1].startswith('"') else found[1].split()
    while words and words[-1][0].isupper():
        words.pop()
    return " ".join([*words, f"<{ADDRESS}>"])


def without_tokens(found: re.Match[str]) -> str:
    """Return a long run of letters and digits as it is when it reads like a name or is a task's key, else that it was one."""
    run = found[0]
    return run if UUID.fullmatch(run) or not is_random(run) else TOKEN


def is_random(run: str) -> bool:
    """
    Return whether nobody wrote these letters and digits: they change at every second place in what chance made, at
    every fifth in CamelCase. Words with digits among them have dashes as well.
    """
    kinds = ["d" if letter.isdigit() else "u" if letter.isupper() else "l" for letter in run if letter not in "-_"]
    changes = sum(before != after for before, after in pairwise(kinds))
    if "d" not in kinds:
        return changes >= len(kinds) / 3
    return (len(kinds) == len(run) and len(set(kinds)) > 1) or changes >= len(kinds) / 4


def secrets() -> tuple[str, ...]:
    """Return the secrets in the settings, as they are and as they stand in an address; the longest first."""
    return _secrets(settings.SECRET_KEY, settings.SUPPRESSION_KEY)


@lru_cache(maxsize=4)
def _secrets(*_keys: str) -> tuple[str, ...]:
    databases = [str(one.get("PASSWORD") or "") for one in settings.DATABASES.values()]
    relays = [way.get("password") or "" for way in (settings.MAIL, settings.BACKUP_MAIL, settings.EXERCISE_MAIL) if way]
    found = {
        *(settings.SECRET_KEY, settings.SUPPRESSION_KEY, *settings.SECRET_KEY_FALLBACKS),
        *(settings.NOTIFY_SECRET, settings.METRICS_TOKEN, settings.OIDC_CLIENT_SECRET, *settings.WEBHOOK_KEYS.values()),
        *(pair.partition(":")[2] for pair in settings.WEBHOOK_SECRETS),
        *(value for value in settings.ANYMAIL.values() if isinstance(value, str) and len(value) > SHORTEST_SECRET * 2),
        # The path of a chat's hook is its password.
        *(urlsplit(settings.NOTIFY_URL).path.rstrip("/"), urlsplit(settings.REDIS_URL).password or ""),
        *(urlsplit(settings.SENTRY_DSN).username or "", *databases, *relays),
    }
    spellings = found | {unquote(secret) for secret in found}
    return tuple(sorted((one for one in spellings if len(one) >= SHORTEST_SECRET), key=len, reverse=True))
