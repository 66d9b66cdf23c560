"""The verdict of a check: found, not found or not applicable, and the facts that it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

Verdict = Literal["found", "not_found", "not_applicable"]
Theme = Literal["time", "unknown", "groups", "explanation", "other"]
THEMES: tuple[Theme, ...] = get_args(Theme)
"""What a check is about."""
BEGINS: Mapping[str, Theme] = {"TK0": "time", "TK1": "unknown", "TK2": "groups", "TK3": "explanation"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. The sentences stand in the word catalogue under `code`; here are the facts that fill them.

    Parameters
    ----------
    code
        Begins with its theme: `TK0xx` time and leakage, `TK1xx` what is not known, `TK2xx` groups, `TK3xx` explanation.
    verdict
        `found`: a reader must know this. `not_found`: looked, nothing there. `not_applicable`: could not or need not look.
    model
        The model that it is about, or "".
    facts
        Plain numbers and words (never text from a table unless it is an id or a declared name).
    estimates
        Ids of the estimates that it rests on.
    """

    code: str
    verdict: Verdict
    model: str = ""
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    estimates: tuple[str, ...] = ()

    @property
    def theme(self) -> Theme:
        """What it is about; `other` for a code of somebody else."""
        return BEGINS.get(self.code[:3], "other")


def write_findings(findings: Iterable[Finding]) -> str:
    """`findings.json`: the same findings give the same bytes."""
    return json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_findings(text: str) -> tuple[Finding, ...]:
    """The findings of a `findings.json`."""
    return tuple(Finding(**{**record, "estimates": tuple(record["estimates"])}) for record in json.loads(text))
