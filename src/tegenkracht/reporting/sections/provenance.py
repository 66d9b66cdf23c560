"""What the card was made from: digests, versions, seed, folds and time."""

from __future__ import annotations

from tegenkracht.reporting.facts import FoldFacts, RunFacts
from tegenkracht.reporting.tree import Block, Column, Exhibit, FoldBar, Pair, Pairs, Panel, Section, Table, Timeline
from tegenkracht.reporting.wording import Words, fact, join, say


def provenance_section(facts: RunFacts) -> Section:
    """Enough to run it again and to see whether it is the same."""
    blocks: tuple[Block, ...] = (Pairs(pairs=_pairs(facts)), *_tables(facts))
    return Section(
        key="provenance",
        title=say("provenance.title"),
        answer=say("provenance.answer"),
        blocks=blocks,
        side=say("provenance.side"),
    )


def timeline_exhibit(facts: RunFacts) -> Exhibit | None:
    """When each fold learns, waits and is tested."""
    if not facts.folds:
        return None
    title = say("timeline.title")
    drawing = Timeline(
        bars=tuple(_bar(fold) for fold in facts.folds),
        train=say("timeline.train"),
        gap=say("timeline.gap"),
        test=say("timeline.test"),
    )
    return Exhibit(
        title=title,
        how=say("timeline.how"),
        panels=(Panel(key="fig-folds", title=title, drawing=drawing),),
        table=_fold_table(facts),
    )


def _bar(fold: FoldFacts) -> FoldBar:
    key = f"fold.{fold.name}"
    return FoldBar(
        label=fact(f"{key}.split_on", "date"),
        train_from=f"{key}.train_from",
        train_until=f"{key}.train_until",
        split_on=f"{key}.split_on",
        test_from=f"{key}.test_from",
        test_until=f"{key}.test_until",
        value=say("timeline.sizes", train=fact(f"{key}.n_train", "count"), test=fact(f"{key}.n_test", "count")),
    )


def _fold_table(facts: RunFacts) -> Table:
    dates = ("split_on", "train_from", "train_until", "test_from", "test_until")
    counts = ("n_train", "n_positive", "n_test")
    columns = (
        *(Column(title=say(f"timeline.heads.{key}")) for key in dates),
        *(Column(title=say(f"timeline.heads.{key}"), numeric=True) for key in counts),
    )
    rows = tuple(
        (
            *(fact(f"fold.{fold.name}.{key}", "date") for key in dates),
            *(fact(f"fold.{fold.name}.{key}", "count") for key in counts),
        )
        for fold in facts.folds
    )
    return Table(name=say("timeline.title"), columns=columns, rows=rows)


def _pairs(facts: RunFacts) -> tuple[Pair, ...]:
    known = ("run", "spec", "data", "panel", "code", "lock", "evaluation")
    digests = [
        Pair(
            term=say(f"provenance.{key}") if key in known else fact(f"identity.name.{key}", "code"),
            words=fact(f"identity.{key}", "code"),
        )
        for key in facts.identity
    ]
    versions: list[Words] = [
        join(fact(f"version.name.{key}", "code"), fact(f"version.{key}", "code")) for key in facts.versions
    ]
    seed = [Pair(term=say("provenance.seed"), words=fact("seed", "code"))] if "seed" in facts.spec else []
    timings: list[Words] = [
        join(fact(f"timing.name.{key}", "code"), fact(f"timing.{key}", "number"), between=" ") for key in facts.timings
    ]
    return (
        *digests,
        *seed,
        *([Pair(term=say("provenance.versions"), words=join(*versions, between=", "))] if versions else []),
        *([Pair(term=say("provenance.seconds"), words=join(*timings, between=", "))] if timings else []),
    )


def _tables(facts: RunFacts) -> tuple[Block, ...]:
    """One row per table of the dataset."""
    heads = ("table", "source", "period", "permission", "licence", "rows", "digest")
    rows = tuple(
        _table_row(facts, table.name, scoring=table.entity_scoring_allowed, personal=table.personal_data)
        for table in facts.dataset.tables
    )
    if not rows:
        return ()
    name = say("provenance.tables")
    columns = tuple(Column(title=say(f"provenance.heads.{head}"), numeric=head == "rows") for head in heads)
    return (Table(name=name, columns=columns, rows=rows),)


def _table_row(facts: RunFacts, name: str, *, scoring: bool, personal: str) -> tuple[Words, ...]:
    key = f"table.{name}"
    return (
        fact(f"{key}.name", "code"),
        say(
            "provenance.collected",
            source=fact(f"{key}.source"),
            collector=fact(f"{key}.collector"),
            purpose=fact(f"{key}.original_purpose"),
        ),
        join(fact(f"{key}.from", "date"), fact(f"{key}.until", "date"), between=" – "),
        join(
            fact(f"{key}.permitted_use"),
            say(f"provenance.scoring_{'yes' if scoring else 'no'}"),
            say(f"personal.{personal}"),
            between="; ",
        ),
        fact(f"{key}.licence"),
        fact(f"{key}.rows", "count"),
        fact(f"{key}.digest", "code"),
    )
