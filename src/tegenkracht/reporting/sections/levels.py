"""What models with a level per sector or region learnt of each: its level, how far it leans, and whether the others foretell it."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import Block, Column, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, number, say

PARTS = ("level_leaning", "weights_leaning", "left_out_gain")
HEADS = ("group", "level", *PARTS, "rows")


def learnt_levels(facts: RunFacts, known: Known) -> list[Block]:
    """A table per such model, and how to read it; empty when the study has none."""
    tables = [_of_model(known, name) for name in facts.models if known.all("group_level_common", model=name)]
    how = ("levels_average", "levels_lean", "levels_left_out", "levels_rows")
    return [*tables, *(Paragraph(words=say(f"pooled.{note}"), css="small") for note in how if tables)]


def _of_model(known: Known, model: str) -> Table:
    """Every group, and last what groups share with the spread of levels and of weights between them."""
    told = {part: {e.group: e for e in known.all(f"group_{part}", model=model)} for part in ("level", *PARTS)}
    rows: list[tuple[Words, ...]] = []
    for group, level in told["level"].items():
        cells = [measures.shown(e) if (e := told[part].get(group)) else say("page.dash") for part in PARTS]
        n = number(level.id, "n", "count") if level.is_known else say("page.dash")
        rows.append((group_label(group), measures.shown(level, "per_hundred_fine"), *cells, n))
    shared = known.all("group_level_common", model=model)[0]
    spreads = [next(iter(known.all(f"group_{part}_spread", model=model)), None) for part in ("level", "weights")]
    cells = [measures.shown(e) if e else say("page.dash") for e in spreads]
    rows.append(
        (
            say("pooled.levels_shared"),
            measures.shown(shared, "per_hundred_fine"),
            *cells,
            say("page.dash"),
            number(shared.id, "n", "count"),
        )
    )
    columns = tuple(Column(title=say(f"pooled.heads.{head}"), numeric=head != "group") for head in HEADS)
    name = say("pooled.levels_table", model=fact(f"model.{model}.label"), hundred=fact("hundred", "count"))
    return Table(name=name, columns=columns, rows=tuple(rows))
