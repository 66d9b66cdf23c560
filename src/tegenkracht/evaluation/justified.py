"""Whether a difference between groups that was found has been justified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tegenkracht.core.finding import Finding
from tegenkracht.core.justification import ASKED, SIGNATURE, Justification
from tegenkracht.evaluation.crossings import SECTOR

CODES: Mapping[str, str] = {"TK226": "A difference between groups was found, and it is not (wholly) justified."}
FAILS = ("TK210", "TK215", "TK217", "TK224")
"""Checks of groups that fail when they find something; all are corrected for how many groups were looked at."""


def failed_group_tests(findings: Iterable[Finding]) -> list[Finding]:
    """Checks that found a difference between groups, a gap that is beyond an accepted limit, or any gap that was shown.

    TK206 is found too when data cannot show that a limit holds, and TK207 when they are too few: neither is a difference that was found.
    Gaps between sectors ask for no answer by themselves: people declared which attributes they answer for.
    """
    return [
        f
        for f in findings
        if (f.verdict == "found" and f.code in FAILS)
        or (f.verdict == "found" and f.code == "TK206" and str(f.facts.get("by", "")).startswith("limit_beyond"))
        or (f.code == "TK207" and int(f.facts.get("shown", 0)) > 0 and f.facts.get("attribute") != SECTOR)
    ]


def check_justified(findings: Iterable[Finding], justification: Justification | None, *, model: str) -> Finding:
    """TK226: a group test fails, and not all of the four answers and the signature are there."""
    failed = failed_group_tests(findings)
    if not failed:
        return Finding("TK226", "not_applicable", model, {"reason": "no_difference_found"})
    missing = (justification or Justification()).missing
    facts: dict[str, str | int | float] = {
        "failed": len(failed),
        "missing": len([name for name in missing if name != SIGNATURE]),
        "asked": len(ASKED),
        "signed": "no" if SIGNATURE in missing else "yes",
    }
    rests_on = tuple(dict.fromkeys(i for f in failed for i in f.estimates))
    return Finding("TK226", "found" if missing else "not_found", model, facts, rests_on)
