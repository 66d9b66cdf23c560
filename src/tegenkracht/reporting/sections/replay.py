"""The same calendar slots in another order: how many days earlier, and whether the inspector alone would do it."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Exhibit, Intervals, Mark, Panel, Row, Section, Shape, Table
from tegenkracht.reporting.wording import Words, fact, number, say

PER_REPLAY = ("days_earlier_median", "found_later_share", "first_half_share")


def replay_section(facts: RunFacts, known: Known) -> Section | None:
    """Every row that was replayed: each model, within each inspector's own slots, random order and the best possible order."""
    exhibit = replay_exhibit(facts, known, key="fig-replay", brief=False)
    if exhibit is None:
        return None
    return Section(
        key="replay",
        title=say("replay.title"),
        answer=_answer(facts, known),
        blocks=(exhibit, *_windows(facts, known), *_table(facts, known)),
        side=say("replay.side"),
    )


def days_of(facts: RunFacts, known: Known, name: str) -> Estimate | None:
    """Mean days earlier of one model over the whole calendar."""
    return measures.usable(known.get(name, "days_earlier", method="replay"))


def replay_exhibit(facts: RunFacts, known: Known, *, key: str, brief: bool) -> Exhibit | None:
    """Days earlier per order; `brief` leaves out the models that are neither the card's own nor a reference."""
    chosen = [e for e in _replayed(facts, known) if not brief or _is_brief(facts, e)]
    if not measures.known_only(chosen):
        return None
    rows = tuple(_row(facts, estimate) for estimate in chosen)
    shown = [e for e in measures.known_only(chosen) if not brief or _order_of(e)[0] != "oracle"]
    title = say("replay.figure")
    columns = (
        Column(title=say("replay.order")),
        Column(title=say("replay.days"), numeric=True),
        Column(title=say("replay.n"), numeric=True),
    )
    cells = tuple(
        (row.label, row.value or row.missing or say("page.not_measured"), number(e.id, "n", "count"))
        for row, e in zip(rows, chosen, strict=True)
    )
    interval = next((e for e in shown if e.level is not None), None)
    how = (
        say("replay.how", times=number(interval.id, "times"), out_of=number(interval.id, "out_of"))
        if interval
        else say("replay.how_plain")
    )
    return Exhibit(
        title=title,
        how=how,
        panels=(Panel(key=key, title=title, drawing=Intervals(rows=rows, axis=axis_for(shown, "days", zero=True))),),
        table=Table(name=title, columns=columns, rows=cells),
    )


def _row(facts: RunFacts, estimate: Estimate) -> Row:
    if not estimate.is_known:
        return Row(label=_label(facts, estimate), missing=measures.reason(estimate))
    main = estimate.model == facts.main and not estimate.at
    shape: Shape = "main" if main else "hollow" if estimate.model == facts.main else "reference"
    mark = Mark(estimate=estimate.id, shape=shape)
    return Row(
        label=_label(facts, estimate), marks=(mark,), value=number(estimate.id, "full", "days_fine"), strong=main
    )


def _is_brief(facts: RunFacts, estimate: Estimate) -> bool:
    """The card's own model, its references, and the mean of many random orders in place of the one that is a model."""
    order, within = _order_of(estimate)
    if estimate.model:
        reference = estimate.model in facts.references and facts.models[estimate.model].kind != "random"
        return estimate.model == facts.main or (reference and not within)
    return order == "random" and not within


def _label(facts: RunFacts, estimate: Estimate) -> Words:
    order, within = _order_of(estimate)
    label: Words = fact(f"model.{estimate.model}.label") if estimate.model in facts.models else say(f"replay.{order}")
    return say(f"replay.within_{within}", model=label) if within else label


def _answer(facts: RunFacts, known: Known) -> Words:
    days = days_of(facts, known, facts.main)
    if days is None:
        return say("replay.answer_none")
    return say("replay.answer", days=number(days.id, "full", "one"))


def _windows(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """With several windows: the card's model in each of them and over all, and the mean of every model."""
    mean = measures.usable(known.get(facts.main, "days_earlier_window_mean", method="replay"))
    if mean is None:
        return ()
    each = [(f, known.get(facts.main, "days_earlier", method="replay", split=f.name)) for f in facts.folds]
    rows = [
        Row(
            label=say("replay.window_mean"),
            marks=(Mark(estimate=mean.id, shape="main"),),
            value=number(mean.id, "full", "days_fine"),
            strong=True,
        )
    ]
    for fold, estimate in each:
        label = fact(f"fold.{fold.name}.split_on", "date")
        if estimate is None or not estimate.is_known:
            rows.append(Row(label=label, missing=measures.shown(estimate)))
            continue
        mark = Mark(estimate=estimate.id, shape="reference")
        rows.append(Row(label=label, marks=(mark,), value=number(estimate.id, "full", "days_fine")))
    title = say("replay.windows")
    axis = axis_for(measures.known_only([mean, *(e for _, e in each)]), "days", zero=True)
    cells = tuple((row.label, row.value or row.missing or say("page.not_measured")) for row in rows)
    columns = (Column(title=say("results.fold")), Column(title=say("replay.days"), numeric=True))
    exhibit = Exhibit(
        title=title,
        how=say("replay.windows_how"),
        panels=(Panel(key="fig-windows", title=title, drawing=Intervals(rows=tuple(rows), axis=axis)),),
        table=Table(name=title, columns=columns, rows=cells),
    )
    return (exhibit, _window_means(facts, known))


def _window_means(facts: RunFacts, known: Known) -> Table:
    """Every order over all windows, also within each round's own slots."""
    rows = []
    for estimate in [e for e in known.all("days_earlier_window_mean") if e.method == "replay"]:
        earlier = known.get(estimate.model, "windows_earlier", method="count", at=estimate.at)
        count = say("page.dash")
        if earlier is not None:
            count = say("replay.of", part=number(earlier.id, "value", "count"), all=number(earlier.id, "n", "count"))
        rows.append((_label(facts, estimate), measures.shown(estimate, "days_fine"), count))
    columns = (
        Column(title=say("replay.order")),
        Column(title=say("replay.window_mean"), numeric=True),
        Column(title=say("replay.windows_earlier"), numeric=True),
    )
    return Table(name=say("replay.window_means"), columns=columns, rows=tuple(rows))


def _table(facts: RunFacts, known: Known) -> tuple[Table, ...]:
    """The other figures of a replay per model."""
    metrics = [m for m in PER_REPLAY if known.all(m, split="all")]
    if not metrics:
        return ()
    rows = tuple(
        (fact(f"model.{name}.label"), *(measures.shown(known.get(name, m, method="replay")) for m in metrics))
        for name in facts.models
    )
    columns = (Column(title=say("results.model")), *(Column(title=say(f"metrics.{m}"), numeric=True) for m in metrics))
    return (Table(name=say("replay.other"), columns=columns, rows=rows),)


def _replayed(facts: RunFacts, known: Known) -> list[Estimate]:
    """Days earlier of every order: each model, its own slots kept, then random and best possible."""
    every = [e for e in known.all("days_earlier", split="all") if e.method == "replay"]
    return [e for name in facts.models for e in every if e.model == name] + [e for e in every if e.model == ""]


def _order_of(estimate: Estimate) -> tuple[str, str]:
    """Which order was replayed (`random`, `oracle`, or empty for a model) and within whose own slots."""
    return at_of(estimate, "order"), at_of(estimate, "within")
