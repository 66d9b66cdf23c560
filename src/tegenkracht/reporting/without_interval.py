"""Why a number stands without an interval: told once beneath the figure, table or paragraph that holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tegenkracht.reporting.facts import Known
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Paragraph, Section
from tegenkracht.reporting.wording import Number, Record, join, say


def with_reasons(section: Section, known: Known) -> Section:
    """The section with, beneath each block in which a number is said to be without interval, why that is."""
    blocks: list[Block] = []
    for block in section.blocks:
        blocks.append(block)
        told = {e.note: e for n in _told_in_full(block) if (e := known.with_id(n.estimate)).lacks_interval and e.note}
        if told:
            reasons = join(*map(measures.reason, told.values()), between="; ")
            blocks.append(Paragraph(words=say("page.why_no_interval", reasons=reasons), css="small"))
    return section.model_copy(update={"blocks": tuple(blocks)})


def _told_in_full(node: Any) -> Iterator[Number]:
    """Every number of a part of the tree that is told with its interval."""
    if isinstance(node, Number):
        if node.part == "full":
            yield node
    elif isinstance(node, Record):
        for value in vars(node).values():
            yield from _told_in_full(value)
    elif isinstance(node, tuple | list):
        for value in node:
            yield from _told_in_full(value)
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _told_in_full(value)
