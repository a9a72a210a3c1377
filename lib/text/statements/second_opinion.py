"""
Rules and a model together. The model is asked only of two sentences that are about the same: where the rules are unsure for want of
knowing, or found that but nothing said of it. What nobody asserts (asked, reported, wished), and what names another place, stays doubtful
whatever a model says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .comparison import Finding, Outcome
from .inference_model import MOST, Relation

# From pairs of what holds and what a post says to the relation of each, None where that is not sure.
type Infer = Callable[[Sequence[tuple[str, str]]], Sequence[Relation | None]]

SAID = {Relation.CONTRADICTION: Outcome.CONTRADICTS, Relation.ENTAILMENT: Outcome.AGREES}


def weighed(findings: Sequence[Finding], infer: Infer) -> list[Finding]:
    """Return findings of which those that the rules leave open say what the model is sure of; the nearest 16 are asked about."""
    left_open = [at for at, one in enumerate(findings) if is_open(one)]
    asked = sorted(left_open, key=lambda at: -findings[at].shared)[:MOST]
    weighed = list(findings)
    if not asked:
        return weighed
    answers = infer([(findings[at].holds, findings[at].said) for at in asked])
    for at, relation in zip(asked, answers, strict=True):
        if relation in SAID:
            weighed[at] = replace(findings[at], outcome=SAID[relation])
    return weighed


def is_open(finding: Finding) -> bool:
    """Return whether a finding is one that a model may decide."""
    is_undecided = finding.outcome in {Outcome.UNSURE, Outcome.UNRELATED}
    return is_undecided and finding.is_asserted and bool(finding.holds)
