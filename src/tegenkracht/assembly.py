"""Tables and recipes -> a panel: who is eligible, what was known, what came of it, and who looked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

import tegenkracht
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.identity import digest_of
from tegenkracht.core.panel import Panel
from tegenkracht.core.purpose import SoleTraders
from tegenkracht.data.legal_form import is_sole_trader
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe, build


@dataclass(frozen=True)
class Counted:
    """What was counted while assembling, for the card.

    `sole_traders` are units whose business is one person's, in the cohort or left out of it as the purpose says; `immature` are as-of dates that
    were left out because their outcome could not have been known when the tables were drawn.
    """

    sole_traders: int
    immature: tuple[pd.Timestamp, ...]

    def as_estimates(self) -> tuple[Estimate, ...]:
        """The counts as exact numbers, so that the card shows them like any other."""
        counts = {"sole_traders": self.sole_traders, "immature_dates": len(self.immature)}
        return tuple(Estimate("", metric, float(count), n=count, method="count") for metric, count in counts.items())


@dataclass(frozen=True)
class Assembled:
    """A panel and what was counted on the way."""

    panel: Panel
    counted: Counted


def assemble(
    dataset: Dataset,
    *,
    cohort: Cohort,
    time: Time,
    outcome: Outcome,
    recipes: Sequence[Recipe],
    audit: Sequence[str],
    sole_traders: SoleTraders,
    threads: int,
) -> Assembled:
    """One row per eligible unit and as-of date (or per scheduled visit), with features, three-valued outcome, process and audit columns.

    Raises
    ------
    InputError
        When no date or no unit is left, an audit attribute or sector is unknown, or the outcome has one class only.
    """
    if problems := [*_unknown(dataset, cohort, audit)]:
        raise InputError(problems)
    units = dataset.tables["units"]
    units = units[units["sector"].isin(cohort.sectors)]
    units = units.assign(sole_trader=is_sole_trader(units["legal_form"]))
    n_sole_traders = int(units["sole_trader"].sum())
    units = units[~units["sole_trader"]] if sole_traders == "exclude" else units
    rows, immature = (
        _scheduled_rows(dataset, units, cohort, time)
        if cohort.kind == "scheduled"
        else _calendar_rows(dataset, units, cohort, time)
    )
    if rows.empty:
        raise InputError([_empty(dataset, cohort, time, immature)])
    rows = _with_outcome(dataset, rows, cohort, time, outcome)
    if problems := [*_one_sided(rows)]:
        raise InputError(problems)
    rows = rows.sort_values(["as_of", "row_id"], kind="stable").reset_index(drop=True)
    columns, features = build(dataset, rows, recipes, threads=threads)
    if problems := [*_constant(columns)]:
        raise InputError(problems)
    columns = _business_facts_only(rows, columns, features) if sole_traders == "business_facts_only" else columns
    audited = pd.DataFrame({name: _group(dataset, rows, name) for name in audit}, index=rows.index)
    kept = rows.drop(columns=["inspection_id", "sole_trader"])
    panel = Panel(
        rows=pd.concat([kept, columns, audited], axis=1),
        features=features,
        audit=tuple(audit),
        scheduled=cohort.kind == "scheduled",
        identity=_identity(
            dataset, cohort=cohort, time=time, outcome=outcome, recipes=recipes, audit=audit, sole_traders=sole_traders
        ),
    )
    return Assembled(panel, Counted(n_sole_traders, tuple(immature)))


# ---------------------------------------------------------------- who and when


def _calendar_rows(
    dataset: Dataset, units: pd.DataFrame, cohort: Cohort, time: Time
) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """Every open unit on every as-of date whose outcome could have been known when the tables were drawn."""
    known_until = pd.Timestamp(dataset.description.known_until)
    dates = as_of_dates(time)
    mature = [date for date in dates if settled_on(date, time) <= known_until]
    parts = [_open_on(units, date).assign(as_of=date) for date in mature]
    rows = (
        pd.concat(parts, ignore_index=True) if parts else units.head(0).assign(as_of=pd.Series(dtype="datetime64[us]"))
    )
    rows = rows.assign(
        row_id=rows["unit_id"] + "@" + rows["as_of"].dt.strftime("%Y-%m-%d"),
        known_until=rows["as_of"] - cohort.information_lag.offset,
        inspection_id=pd.array([None] * len(rows), dtype="str"),
    )
    return rows[_ROW], [date for date in dates if date not in mature]


_ROW = [
    "row_id",
    "unit_id",
    "as_of",
    "known_until",
    "sector",
    "cluster_id",
    "area_code",
    "inspection_id",
    "sole_trader",
]


def as_of_dates(time: Time) -> list[pd.Timestamp]:
    """The study's as-of dates; months are counted from the first, so that they do not drift."""
    if time.step is None or time.step.count == 0:
        return [pd.Timestamp(time.first)]
    first, last = pd.Timestamp(time.first), pd.Timestamp(time.last)
    dates: list[pd.Timestamp] = []
    while (date := first + len(dates) * time.step.offset) <= last:
        dates.append(date)
    return dates


def settled_on(date: pd.Timestamp, time: Time) -> pd.Timestamp:
    """The date from which an outcome, also a missing one, is settled."""
    return time.label_delay.after(time.horizon.after(date))


def _open_on(units: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    opened = units["opened_on"].isna() | (units["opened_on"] <= date)
    still = units["closed_on"].isna() | (units["closed_on"] > date)
    return units[opened & still]


def _scheduled_rows(
    dataset: Dataset, units: pd.DataFrame, cohort: Cohort, time: Time
) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """One row per visit of the chosen channels between the first and the last day."""
    visits = dataset.tables["inspections"]
    visits = visits[visits["inspected_on"].between(pd.Timestamp(time.first), pd.Timestamp(time.last))]
    visits = visits[visits["channel"].isin(cohort.channels)] if cohort.channels else visits
    rows = visits[["inspection_id", "unit_id", "inspected_on"]].merge(units, on="unit_id")
    rows = rows.assign(
        row_id=rows["inspection_id"],
        as_of=rows["inspected_on"],
        known_until=rows["inspected_on"] - cohort.information_lag.offset,
    )
    return rows[_ROW], []


# ---------------------------------------------------------------- what came of it, and who looked


def _with_outcome(dataset: Dataset, rows: pd.DataFrame, cohort: Cohort, time: Time, outcome: Outcome) -> pd.DataFrame:
    """Outcome, whether it was observed, since when it is settled, and the inspection process."""
    visits = dataset.tables["inspections"]
    positive = (
        visits["finding"]
        if outcome.min_severity is None
        else visits["finding"] & (visits["severity"] >= outcome.min_severity)
    )
    visits = visits.assign(positive=positive.astype(np.float64))
    earlier = _earlier_visits(rows, visits)
    if cohort.kind == "scheduled":
        own = visits.set_index("inspection_id").loc[rows["inspection_id"]]
        return rows.assign(
            outcome=own["positive"].to_numpy(),
            observed=True,
            outcome_known_on=(own["known_on"] + time.label_delay.offset).to_numpy(),
            inspector=own["inspector"].to_numpy(),
            channel=own["channel"].to_numpy(),
            earlier_visits=earlier["visits"],
        )
    found = _within_horizon(rows, visits, time)
    return rows.assign(
        outcome=found,
        observed=found.notna(),
        outcome_known_on=rows["as_of"] + time.horizon.offset + time.label_delay.offset,
        inspector=earlier["inspector"],
        channel=earlier["channel"],
        earlier_visits=earlier["visits"],
    )


def _within_horizon(rows: pd.DataFrame, visits: pd.DataFrame, time: Time) -> pd.Series:
    """1 when a visit after the as-of date and within the horizon had a finding, 0 when none had, missing when nobody went (or it was known too late)."""
    return _pairs_within_horizon(rows, visits, time).groupby("index")["positive"].max().reindex(rows.index)


def _pairs_within_horizon(rows: pd.DataFrame, visits: pd.DataFrame, time: Time) -> pd.DataFrame:
    """Every row with every visit that counts for its outcome; `index` is the row's."""
    dates = pd.DataFrame({"as_of": rows["as_of"].unique()})
    dates = dates.assign(until=dates["as_of"] + time.horizon.offset)
    dates = dates.assign(settled=dates["until"] + time.label_delay.offset)
    pairs = rows[["unit_id", "as_of"]].reset_index().merge(visits, on="unit_id").merge(dates, on="as_of")
    inside = (
        (pairs["inspected_on"] > pairs["as_of"])
        & (pairs["inspected_on"] <= pairs["until"])
        & (pairs["known_on"] <= pairs["settled"])
    )
    return pairs[inside]


def outcome_visits(dataset: Dataset, panel: Panel, folds: Sequence[Fold], *, time: Time) -> pd.DataFrame:
    """The visits that gave the test rows of a calendar their outcome, each once: `channel`, `inspector`, `finding`."""
    tested = panel.rows.iloc[np.unique(np.concatenate([fold.test for fold in folds]))]
    visits = dataset.tables["inspections"]
    pairs = _pairs_within_horizon(tested, visits, time)
    return (
        visits.set_index("inspection_id")
        .loc[pairs["inspection_id"].unique(), ["channel", "inspector", "finding"]]
        .reset_index(drop=True)
    )


def _earlier_visits(rows: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Per row: number of visits known by then, and inspector and channel of the last of them."""
    pairs = rows[["unit_id", "known_until"]].reset_index().merge(visits, on="unit_id")
    pairs = pairs[(pairs["known_on"] <= pairs["known_until"]) & (pairs["inspected_on"] <= pairs["known_until"])]
    pairs = pairs.sort_values(["index", "inspected_on", "inspection_id"], kind="stable")
    last = pairs.drop_duplicates("index", keep="last").set_index("index")[["inspector", "channel"]]
    visits_known = pairs["index"].value_counts().reindex(rows.index).fillna(0).astype(np.float64)
    return last.reindex(rows.index).assign(visits=visits_known)


def _group(dataset: Dataset, rows: pd.DataFrame, attribute: str) -> pd.Series:
    """Value of an audit attribute that held on the as-of date: the unit's own, else its area's."""
    groups = dataset.tables["groups"]
    groups = groups[groups["attribute"] == attribute]
    found = [_valid(rows, groups.dropna(subset=[key]), key) for key in ("unit_id", "area_code")]
    return found[0].where(found[0].notna(), found[1])


def _valid(rows: pd.DataFrame, groups: pd.DataFrame, key: str) -> pd.Series:
    pairs = rows[[key, "as_of"]].reset_index().merge(groups[[key, "from_on", "value"]], on=key)
    pairs = pairs[pairs["from_on"] <= pairs["as_of"]].sort_values("from_on", kind="stable")
    return pairs.groupby("index")["value"].last().reindex(rows.index)


def _business_facts_only(rows: pd.DataFrame, columns: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """For a sole trader, facts about the place may be facts about a home: only facts about the business stay."""
    blanked = [feature.name for feature in features if feature.subject == "place"]
    return columns.assign(**{name: columns[name].where(~rows["sole_trader"]) for name in blanked})


# ---------------------------------------------------------------- what can be wrong


def _unknown(dataset: Dataset, cohort: Cohort, audit: Sequence[str]) -> Iterator[Problem]:
    sectors = sorted(dataset.tables["units"]["sector"].unique())
    for sector in set(cohort.sectors) - set(sectors):
        yield Problem(
            "cohort.sectors",
            f"dataset {dataset.name} has no units of sector `{sector}`.",
            f"It has: {', '.join(sectors)}.",
        )
    known = dataset.description.attributes
    for name in audit:
        if name not in known or "groups" not in dataset.tables:
            yield Problem(
                "audit.attributes",
                f"`{name}` is not an attribute of dataset {dataset.name}.",
                f"It has: {', '.join(known) or 'none'}.",
            )


def _empty(dataset: Dataset, cohort: Cohort, time: Time, immature: Sequence[pd.Timestamp]) -> Problem:
    if immature:
        needed = f"{time.horizon} horizon and {time.label_delay} delay"
        return Problem(
            "time.horizon",
            f"no as-of date has an outcome that could be known by {dataset.description.known_until}: {needed} after {time.first} is later.",
            "Take earlier as-of dates, a shorter horizon or a shorter delay.",
        )
    return Problem(
        "cohort",
        f"no {cohort.kind} row is left between {time.first} and {time.last}.",
        "Check the dates, sectors and channels.",
    )


def _one_sided(rows: pd.DataFrame) -> Iterator[Problem]:
    outcomes = rows.loc[rows["observed"], "outcome"]
    if outcomes.empty:
        yield Problem(
            "label",
            "no outcome is observed: nobody inspected any of these units within the horizon.",
            "Take a longer horizon, or other dates.",
        )
    elif outcomes.nunique() == 1:
        what = "a finding" if outcomes.iloc[0] == 1 else "no finding"
        yield Problem(
            "label",
            f"all {len(outcomes):,} outcomes are {what}; there is nothing to learn.",
            "Check `label`, or take other dates.",
        )


def _constant(columns: pd.DataFrame) -> Iterator[Problem]:
    """A column that never differs says nothing, and is most often a mistake in a window or a kind."""
    for name in columns:
        if columns[name].nunique(dropna=False) == 1:
            value = columns[name].iloc[0]
            shown = "missing" if pd.isna(value) else f"{value:g}"
            yield Problem(
                "features.recipes",
                f"the column `{name}` is {shown} in all {len(columns):,} rows.",
                "Remove it, or take another window.",
            )


def _identity(
    dataset: Dataset,
    *,
    recipes: Sequence[Recipe],
    audit: Sequence[str],
    sole_traders: str,
    **parts: Cohort | Time | Outcome,
) -> str:
    return digest_of(
        {
            "tables": dict(dataset.digests),
            "recipes": [recipe.model_dump(mode="json") for recipe in recipes],
            "audit": list(audit),
            "sole_traders": sole_traders,
            "version": tegenkracht.__version__,
            **{name: part.model_dump(mode="json") for name, part in parts.items()},
        }
    )
