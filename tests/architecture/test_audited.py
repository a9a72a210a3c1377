"""Every way in which the desk changes something leads to an entry in the audit log, or says here why it does not."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, get_resolver
from django.utils import translation

from accounts.audit import trail
from accounts.desk_base import admin_mixins
from accounts.models import AuditEntry

from . import PACKAGES
from .page_permissions import DESK_PREFIX

# Views and actions that write nothing into the audit log. Whoever adds one says why.
UNAUDITED = {
    # Whoever asks is shown something, and nothing changes.
    "jsi18n": "shows words",
    "today": "shows what waits",
    "index": "shows what waits",
    "notifications": "what somebody has read of what they were told is their own affair",
    "everything": "shows what it finds",
    "bulletins_bulletin_preview": "shows how words look",
    "influencers_seenrequest_steer": "each of its three verbs notes it (influencers/escalation/step_runner.py)",
    "bulletins_authoritypost_decide": "each of its three verbs notes it (bulletins/authority_posts/decisions.py)",
    "influencers_seenrequest_live": "counts who has seen it, again",
    "bulletins_cadence_ahead": "works out the dates of a rhythm that is being typed",
    "bulletins_cadence_ahead_of": "works out the dates of a rhythm that is being typed",
    "influencers_certificate_file": "hands out a certificate that anybody can check by its number",
    "influencers_importrun_template": "hands out an empty table",
    "influencers_selection_compare": "lays two selections side by side",
    "influencers_thread_file": "hands out a file that came with a message",
    "influencers.influencer:move_to_tier": "leads to the page that asks, and that one notes it",
    # Logging in and out is noted where it happens (accounts), not in the desk's own views.
    "login": "leads to the login of the site",
    "logout": "noted by the login",
    "password_change": "leads to the account page",
    # The row itself says for good who wrote what and when.
    "influencers_thread_answer": "the conversation keeps it",
    "influencers_thread_begin": "an empty conversation; what is said in it is kept there",
    "influencers_thread_contact": "the conversation keeps it",
    "influencers_thread_note": "the conversation keeps it",
    "influencers_thread_settle": "the conversation keeps it",
    "influencers_post_figures": "the post keeps who counted and when",
    "influencers_post_looked": "the post keeps what its contact person found",
    "campaigns_campaign_work": "one's own choice of what the desk shows; nobody else notices",
    "told_choose": "one's own choice of how one is told",
    "told_quiet": "one's own choice of how one is told",
    "told_allow": "noted where the device is taken (notifications/channels/addresses.py)",
    "told_prove": "noted where the number is taken (notifications/channels/addresses.py)",
    "told_leave": "noted where the address goes (notifications/channels/addresses.py)",
    "told_ask": "sends a code; what is proven by it is noted",
    "told_telegram": "makes a link; what is linked by it is noted",
    "view_save": "one's own way to look at a list",
    "view_change": "one's own way to look at a list",
    # What colleagues say is kept with who said it until the approval deletes it, which notes how much that was.
    "bulletins_bulletin_comment": "the comment says it",
    "bulletins_bulletin_comment_answer": "the comment says it",
    "bulletins_bulletin_comment_edit": "the comment says it",
    "bulletins_bulletin_comment_resolve": "the comment says it",
    # Aids to work, which nothing public and nothing that is sent rests on.
    "bulletins_bulletin_here": "says who has a bulletin open just now",
    "bulletins_bulletin_assets_make": "asks for background job; what comes of it is noted when it is added",
    "bulletins_bulletin_cards_make": "asks for background job; cards are found by the digest of what is on them",
    "bulletins_bulletin_findings_checklist": "a reminder of one's own; the approval is what counts",
    "bulletins_bulletin_findings_links": "tries addresses again",
}
# Written by the framework's own views: what the admin notes (`log_change` …) Audited notes too.
OF_THE_FRAMEWORK = {"add_view", "change_view", "changelist_view", "delete_view", "history_view", "user_change_password"}


def unwrapped(view: Any) -> tuple[Any, set[str] | None]:
    """Return what a view is below its decorators, and the methods that they let through (None: any)."""
    methods: set[str] | None = None
    while True:
        closure = inspect.getclosurevars(view.__func__ if inspect.ismethod(view) else view).nonlocals
        if "request_method_list" in closure:
            methods = set(closure["request_method_list"])
        inner = getattr(view, "__wrapped__", None) or (closure.get("view") if callable(closure.get("view")) else None)
        if isinstance(view, functools.partial):
            inner = view.func
        if inner is None:
            return view, methods
        view = inner


def desk_views() -> Iterator[tuple[str, Any]]:
    """Give (name, view) of every address of the desk that may be posted to."""

    def walk(patterns: Any, path: str) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            where = path + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                if where.startswith(DESK_PREFIX):
                    view, methods = unwrapped(pattern.callback)
                    if methods is None or methods - {"GET", "HEAD", "OPTIONS"}:
                        yield pattern.name or where, view
            else:
                yield from walk(pattern.url_patterns, where)

    with translation.override("en"):
        yield from walk(get_resolver().url_patterns, "")


def actions() -> Iterator[tuple[str, Any]]:
    """Give (name, function) of every action on several rows at once."""
    for model, page in admin.site._registry.items():
        for one in page.actions or ():
            yield f"{model._meta.label_lower}:{one}", getattr(page, one) if isinstance(one, str) else one


def is_ours(function: Any) -> bool:
    """Return whether a function is of one of our apps."""
    return (getattr(function, "__module__", None) or "").split(".")[0] in PACKAGES


def called_by(function: Any, owner: Any) -> Iterator[tuple[Any, Any]]:
    """
    Give (function, whose) of all that a function names: of its module, of modules that it imports, of `self`. A method of a
    row (`send.pause()`) is not found: what it does is noted by who calls it.
    """
    plain = function.__func__ if inspect.ismethod(function) else function
    owner = function.__self__ if inspect.ismethod(function) else owner
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
    except (OSError, TypeError, SyntaxError):
        return
    scope = {**getattr(plain, "__globals__", {}), **_imported_within(tree, plain)}
    for node in ast.walk(tree):
        found: Any = None
        if isinstance(node, ast.Name):
            found = scope.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            base = owner if node.value.id in {"self", "cls"} else scope.get(node.value.id)
            found = getattr(base, node.attr, None)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "super()" and owner is not None:
            found = above(plain, owner, node.attr)
        # A table of functions is as good as each of them.
        for one in found.values() if isinstance(found, dict) else [found]:
            if inspect.isroutine(one) or inspect.isclass(one):
                yield one, owner


def above(function: Any, owner: Any, name: str) -> Any:
    """Return what super() means in a method."""
    line = (owner if inspect.isclass(owner) else type(owner)).__mro__
    for number, kind in enumerate(line):
        if function in vars(kind).values():
            return next((getattr(one, name) for one in line[number + 1 :] if name in vars(one)), None)
    return None


def _imported_within(tree: ast.AST, function: Any) -> dict[str, Any]:
    """Return what a function imports in its body."""
    import importlib

    found: dict[str, Any] = {}
    package = function.__module__.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module("." * node.level + (node.module or ""), package)
            for name in node.names:
                found[name.asname or name.name] = getattr(module, name.name, None)
    return found


def is_noted(function: Any, owner: Any = None) -> bool:
    """Return whether a function can come to an audit entry, over whatever functions."""
    ends: set[Callable[..., Any]] = {trail.note, admin_mixins.note}
    seen: set[Any] = set()
    waiting = [(function, owner)]
    while waiting:
        one, whose = waiting.pop()
        plain = getattr(one, "__wrapped__", None) or (one.__func__ if inspect.ismethod(one) else one)
        if one in ends or plain in ends or one is AuditEntry:
            return True
        if plain in seen or not is_ours(plain):
            continue
        seen.add(plain)
        if getattr(plain, "__qualname__", "").startswith("Audited.log_"):
            return True
        if inspect.isclass(plain):
            continue
        waiting += called_by(one if inspect.ismethod(one) else plain, whose)
    return False


def test_everything_that_changes_something_at_the_desk_is_written_down():
    ways = dict([*desk_views(), *actions()])
    silent = sorted(
        name
        for name, view in ways.items()
        if is_ours(view)
        and view.__name__ not in OF_THE_FRAMEWORK
        and name not in UNAUDITED
        and not is_noted(view, getattr(view, "__self__", None))
    )
    assert silent == [], "Write an entry in the same transaction, or say in UNAUDITED why not."


def test_every_page_where_rows_are_added_or_changed_notes_it():
    """The framework's own forms are noted by the mix-in, unless nothing can be changed there."""
    silent = [
        model._meta.label
        for model, page in admin.site._registry.items()
        if not isinstance(page, admin_mixins.Audited) and can_change(page)
    ]
    assert silent == []


def can_change(page: Any) -> bool:
    """Return whether someone who may do everything can add, change or delete on a page."""
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = type("Everybody", (), {"is_superuser": True, "has_perm": lambda *_: True, "pk": 0})()
    return any(
        (page.has_add_permission(request), page.has_change_permission(request), page.has_delete_permission(request))
    )


def test_no_reason_is_left_over():
    names = {name for name, _view in [*desk_views(), *actions()]}
    assert sorted(UNAUDITED.keys() - names) == []
