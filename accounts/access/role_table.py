"""The table of roles as people read it: Markdown for docs/operating/accounts/roles.md, made of permissions.py and nothing else."""

from collections.abc import Iterator

from django.apps import apps
from django.utils.translation import override

from .permissions import PERMISSIONS, Scope
from .roles import Role

# The order of the apps in the table, and of the verbs in a cell.
APPS = (
    "bulletins",
    "questions",
    "stories",
    "website",
    "factcheck",
    "delivery",
    "influencers",
    "campaigns",
    "preparedness",
    "impact",
    "accounts",
    "auth",
)
VERBS = ("view", "add", "change", "delete")


def table() -> str:
    """Return a table for each app: what there is, and what each role may do with which of it. In English."""
    with override("en"):
        return "\n".join(line for app in APPS for line in table_of(app))


def table_of(app: str) -> Iterator[str]:
    """Yield the lines of one app's table, with those roles only that may do something there."""
    granted = [name for names in PERMISSIONS.values() for name in names if name.startswith(f"{app}.")]
    roles = [role for role in Role if any(name in granted for name in PERMISSIONS[role])]
    yield f"### {apps.get_app_config(app).verbose_name}"
    yield ""
    yield f"| | {' | '.join(str(role.label) for role in roles)} |"
    yield "|---|" + "---|" * len(roles)
    for label, names in sorted([*rows_of_models(app, granted), *rows_of_custom_permissions(app, granted)]):
        yield f"| {label} | {' | '.join(cell(role, names) for role in roles)} |"
    yield ""


def rows_of_models(app: str, granted: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind of row, with what may be done with it by name."""
    models = {name.rpartition("_")[2] for name in granted if name.partition(".")[2].partition("_")[0] in VERBS}
    for model in models:
        yield str(apps.get_model(app, model)._meta.verbose_name_plural), [f"{app}.{verb}_{model}" for verb in VERBS]


def rows_of_custom_permissions(app: str, granted: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the app's own permissions in words, each with its name."""
    for model in apps.get_app_config(app).get_models():
        for codename, words in model._meta.permissions:
            if f"{app}.{codename}" in granted:
                yield f"*{words}*", [f"{app}.{codename}"]


def cell(role: Role, names: list[str]) -> str:
    """Return what a role may do of `names`, and which rows that reaches where it is not all of them."""
    held = [name for name in names if name in PERMISSIONS[role]]
    if not held:
        return ""
    verbs = [name.partition(".")[2].partition("_")[0] for name in held]
    says = ", ".join(verbs) if set(verbs) <= set(VERBS) else "yes"
    scope = PERMISSIONS[role][held[0]]
    return says if scope == Scope.ALL else f"{says} ({scope.label})"
