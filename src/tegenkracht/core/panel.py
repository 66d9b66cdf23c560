"""Unit x as-of date: the one table that models learn from, with the role of every column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from tegenkracht.core.errors import TegenkrachtError
from tegenkracht.core.feature import Feature

KEYS = ("row_id", "unit_id", "as_of", "known_until", "sector", "cluster_id", "area_code")
OUTCOME = ("outcome", "observed", "outcome_known_on")
DAYS = "days_to_finding"
"""Days to the first finding, missing where none was seen: there only when a study asks for time."""
PROCESS = ("inspector", "channel", "earlier_visits")


class PanelError(TegenkrachtError):
    """A panel that breaks its own rules."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Rows to score and learn from. Never change `rows` in place; a panel is equal to itself alone, so that what is made from it can be kept.

    Parameters
    ----------
    rows
        One row per unit and as-of date (or per scheduled inspection), sorted by `as_of, row_id`, with a RangeIndex. Columns:

        ``row_id``            str, unique: `unit_id@date`, or the inspection's id when rows are scheduled visits
        ``unit_id``           str
        ``as_of``             datetime64, midnight: the date on which the row would have been scored
        ``known_until``       datetime64: facts with a later `known_on` are not in the features (as_of minus the information lag)
        ``sector, cluster_id, area_code``  str; cluster_id may be null
        ``outcome``           float64: 1 positive, 0 negative, NaN not observed
        ``observed``          bool: whether somebody looked within the horizon and it was known in time
        ``outcome_known_on``  datetime64: date from which the row's outcome (also a missing one) is settled
        ``inspector, channel`` str or null, ``earlier_visits`` float: the inspection process, known at `known_until` (for scheduled visits: of this visit)
        ``days_to_finding``   float64, only when the outcome is a time: days from `as_of` to the first finding that counts, NaN where none was seen
        feature columns       float64, NaN where missing
        audit columns         str or null; only for audits
    features
        The dictionary, one entry per feature column, in column order.
    audit
        Names of the audit columns.
    scheduled
        True when rows are visits that were scheduled (replay), False for a calendar of as-of dates.
    identity
        Digest of everything that the panel was made from.
    of_areas
        Whether the units are areas or public bodies. Otherwise figures of areas are kept from models: what is so of a neighbourhood is no fact about
        one place in it (ecological fallacy, Robinson 1950).
    """

    rows: pd.DataFrame
    features: tuple[Feature, ...]
    audit: tuple[str, ...]
    scheduled: bool
    identity: str
    of_areas: bool = False

    def __post_init__(self) -> None:
        names = self.feature_names
        if len(set(names)) != len(names):
            raise PanelError(
                f"Features {sorted({n for n in names if names.count(n) > 1})} are defined twice. Rename one of each."
            )
        if shared := set(names) & {*self.audit, *KEYS, *OUTCOME, DAYS, *PROCESS}:
            raise PanelError(
                f"Columns {sorted(shared)} are both feature and audit-only, key, outcome or process. Remove them from `features`."
            )
        if len(set(self.audit)) != len(self.audit):
            raise PanelError(
                f"Audit attributes {sorted({n for n in self.audit if self.audit.count(n) > 1})} are named twice. Name each once."
            )
        if taken := set(self.audit) & {*KEYS, *OUTCOME, DAYS, *PROCESS}:
            raise PanelError(
                f"Audit attributes {sorted(taken)} have the name of a key, outcome or process column. "
                "Give them another name in table `groups` and in `audit.attributes`."
            )
        if missing := {*KEYS, *OUTCOME, *PROCESS, *names, *self.audit} - set(self.rows.columns):
            raise PanelError(f"Columns {sorted(missing)} are missing from the panel.")
        if not self.rows["row_id"].is_unique:
            raise PanelError("Column `row_id` has the same value twice. One row per unit and as-of date.")

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the feature columns, in order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def predictors(self) -> tuple[str, ...]:
        """Names of the feature columns that a model may see, in order: all but `kept_out`."""
        return tuple(name for name in self.feature_names if name not in self.kept_out)

    @cached_property
    def kept_out(self) -> tuple[str, ...]:
        """Names of the figures of areas that no model may see, in order; they stay for audits, strata and chances of a visit."""
        return () if self.of_areas else tuple(f.name for f in self.features if f.subject == "area")

    def feature(self, name: str) -> Feature:
        """The dictionary entry of one column."""
        return next(feature for feature in self.features if feature.name == name)
