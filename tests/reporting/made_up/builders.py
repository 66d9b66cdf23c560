"""What the made-up runs share: the length of a list, a level, and small builders of estimates, texts, tables and folds."""

from __future__ import annotations

from datetime import date
from math import sqrt

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.identity import digest_of
from tegenkracht.core.text import Text
from tegenkracht.reporting.facts import FoldFacts, TableFacts

CAPACITY, LISTED = 100, 1200
LEVEL = 0.95


def wilson(found: int, n: int, metric: str, *, model: str = "", method: str = "labelled", **where: str) -> Estimate:
    """A share with its Wilson interval."""
    z, p = 1.959964, found / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(
        model, metric, p, max(centre - half, 0.0), min(centre + half, 1.0), n=n, method=method, level=LEVEL, **where
    )


def between(found: int, visited: int, listed: int, metric: str, *, model: str = "", **where: str) -> Estimate:
    """What is possible if none, or all, of the places that nobody visited would have had a finding."""
    return Estimate(
        model, metric, None, found / listed, (found + listed - visited) / listed, n=listed, method="bounds", **where
    )


def count(metric: str, n: int, **where: str) -> Estimate:
    """An exact count about the data."""
    return Estimate(where.pop("model", ""), metric, float(n), n=n, method="count", **where)


def text(nl: str, en: str) -> Text:
    """A text in two languages."""
    return Text(nl=nl, en=en)


def table(name: str, rows: int) -> TableFacts:
    """A table of that name, with that many rows."""
    return TableFacts(
        name=name,
        source=text("Wereldgenerator", "World generator"),
        collector="tegenkracht",
        period=(date(2016, 1, 1), date(2023, 12, 31)),
        licence="CC0-1.0",
        original_purpose=text("onderzoek naar methoden.", "research into methods."),
        permitted_use=("research",),
        entity_scoring_allowed=True,
        personal_data="none",
        rows=rows,
        digest=digest_of([name, rows]),
    )


def fold(name: str, test_from: date, test_until: date) -> FoldFacts:
    """A fold that is split on the day it is named after."""
    split_on = date.fromisoformat(name)
    return FoldFacts(
        name=name,
        split_on=split_on,
        train_from=date(2017, 1, 1),
        train_until=split_on.replace(year=split_on.year - 1),
        test_from=test_from,
        test_until=test_until,
        n_train=6120,
        n_test=5000,
        n_positive=640,
    )
