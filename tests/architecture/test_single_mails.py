"""Single mails leave by one queue. Whoever writes another one is told where to declare a kind instead."""

import ast
from collections.abc import Iterator

from .test_outgoing import read

PLACE = "Declare a Queue of delivery/single_mails/queue.py instead, register it in apps.py, and build one row of it in tests/delivery/single_mails/scenes.py"
# Who claims something that is no single mail.
CLAIMS = {"delivery/sending/worker.py", "delivery/single_mails/worker.py"}
# Who hands mail over besides: transports of bulk mail; what is sent while its page waits, and is in no queue; the layer below.
HANDS_OVER = {
    "delivery/single_mails/queue.py",
    "delivery/transports/mail/django_backend.py",
    "delivery/transports/one_message.py",
    "bulletins/authority_posts/networks/mail_catcher.py",
}


def claims() -> Iterator[str]:
    """Give each function that claims a row, by its name or because it counts a try of one."""
    for path, tree in read("claim").items():
        for node in ast.walk(tree):
            is_step = isinstance(node, ast.FunctionDef) and node.name.strip("_") == "claim"
            if (
                is_step
                and any(argument.arg == "at" for argument in [*node.args.args, *node.args.kwonlyargs])
                or is_step
                and any(argument.arg == "self" for argument in node.args.args)
            ):
                yield path


def hand_overs() -> Iterator[str]:
    """Give each file that gives a mail to a backend."""
    for path, tree in read("send_messages").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".send_messages"):
                yield path


def test_nobody_else_claims_a_single_mail_or_hands_one_over() -> None:
    others = set(claims()) - CLAIMS
    assert not others, f"{sorted(others)} claim rows by themselves. {PLACE}."
    handing = {path for path in hand_overs() if not path.startswith(("demo/", "benchmarks/"))} - HANDS_OVER
    assert not handing, f"{sorted(handing)} hand mail over by themselves. {PLACE}."
