"""Tables and recipes -> a panel with an identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tegenkracht.assembly.audited import group_of
from tegenkracht.assembly.eligible import as_of_dates, calendar_rows, scheduled_rows
from tegenkracht.assembly.maturity import maturity_report
from tegenkracht.assembly.outcomes import with_outcome
from tegenkracht.assembly.problems import constant_columns, nothing_left, one_sided, unknown_names, without_cohort
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.identity import digest_of, digest_of_code
from tegenkracht.core.panel import Panel
from tegenkracht.core.purpose import SoleTraders
from tegenkracht.data.legal_form import is_sole_trader
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe, build


@dataclass(frozen=True)
class Counted:
    """What was counted while assembling, for the card.

    `sole_traders` are units whose business is one person's, in the cohort or left out of it as the purpose says; `immature` are as-of dates that
    were left out because their outcome could not have been known when the tables were drawn; `maturity` says per as-of date how far outcomes
    could be known.
    """

    sole_traders: int
    immature: tuple[pd.Timestamp, ...]
    maturity: tuple[Estimate, ...] = ()

    def as_estimates(self) -> tuple[Estimate, ...]:
        """The counts as exact numbers, so that the card shows them like any other."""
        counts = {"sole_traders": self.sole_traders, "immature_dates": len(self.immature)}
        exact = (Estimate("", metric, float(count), n=count, method="count") for metric, count in counts.items())
        return (*exact, *self.maturity)


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
    of_areas: bool = False,
) -> Assembled:
    """One row per eligible unit and as-of date (or per scheduled visit), with features, three-valued outcome, process and audit columns.

    Raises
    ------
    InputError
        When no date or no unit is left, an audit attribute or sector is unknown, or the outcome has one class only.
    """
    if problems := [*unknown_names(dataset, cohort, audit)]:
        raise InputError(problems)
    units = dataset.tables["units"]
    units = units[units["sector"].isin(cohort.sectors)]
    units = units.assign(sole_trader=is_sole_trader(units["legal_form"]))
    n_sole_traders = int(units["sole_trader"].sum())
    units = units[~units["sole_trader"]] if sole_traders == "exclude" else units
    rows, immature = (
        scheduled_rows(dataset, units, cohort, time)
        if cohort.kind == "scheduled"
        else calendar_rows(dataset, units, cohort, time)
    )
    if rows.empty:
        raise InputError([nothing_left(dataset, cohort, time, immature)])
    mature = [date for date in as_of_dates(time) if date not in immature]
    if cohort.kind == "calendar" and (problems := [*without_cohort(rows, mature)]):
        raise InputError(problems)
    rows = with_outcome(dataset, rows, cohort, time, outcome)
    if problems := [*one_sided(rows)]:
        raise InputError(problems)
    rows = rows.sort_values(["as_of", "row_id"], kind="stable").reset_index(drop=True)
    columns, features = build(dataset, rows, recipes, threads=threads)
    if problems := [*constant_columns(columns)]:
        raise InputError(problems)
    columns = _business_facts_only(rows, columns, features) if sole_traders == "business_facts_only" else columns
    audited = pd.DataFrame({name: group_of(dataset, rows, name) for name in audit}, index=rows.index)
    kept = rows.drop(columns=["inspection_id", "sole_trader"])
    panel = Panel(
        rows=pd.concat([kept, columns, audited], axis=1),
        features=features,
        audit=tuple(audit),
        scheduled=cohort.kind == "scheduled",
        identity=panel_identity(
            dataset,
            cohort=cohort,
            time=time,
            outcome=outcome,
            recipes=recipes,
            audit=audit,
            sole_traders=sole_traders,
            of_areas=of_areas,
        ),
        of_areas=of_areas,
    )
    maturity = () if panel.scheduled else maturity_report(dataset, units, cohort=cohort, time=time)
    return Assembled(panel, Counted(n_sole_traders, tuple(immature), maturity))


def _business_facts_only(rows: pd.DataFrame, columns: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """For a sole trader, facts about the place may be facts about a home: only facts about the business stay."""
    blanked = [feature.name for feature in features if feature.subject == "place"]
    return columns.assign(**{name: columns[name].where(~rows["sole_trader"]) for name in blanked})


def panel_identity(
    dataset: Dataset,
    *,
    recipes: Sequence[Recipe],
    audit: Sequence[str],
    sole_traders: str,
    of_areas: bool = False,
    **parts: Cohort | Time | Outcome,
) -> str:
    """Names everything that decides a panel: tables, recipes, cohort, time, label, audit attributes and this code.

    The name of a study or of a label is not in it: two labels that are called the same and differ in content never share a panel.
    """
    return digest_of(
        {
            "tables": dict(dataset.digests),
            "recipes": [recipe.model_dump(mode="json") for recipe in recipes],
            "audit": list(audit),
            "sole_traders": sole_traders,
            "of_areas": of_areas,
            "code": digest_of_code(),
            **{name: part.model_dump(mode="json") for name, part in parts.items()},
        }
    )
