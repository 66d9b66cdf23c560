"""Whether each indicator goes with findings in a random sample: among visits that were drawn by lot, in the direction that was declared.

Where people chose to go, an indicator goes with findings because they went there for it, or with none for the same reason. Only a lottery tells
(Algoritmekader dat-02, step 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Direction
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import About, exactly, nothing, with_interval
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.proxies import auc_interval, clustered_auc

CODES: Mapping[str, str] = {
    "TK225": "An indicator is used that was not shown to go with findings in a random sample, in its declared direction."
}
AUC, CHANCE = "indicator_auc", "indicator_chance"
Shown = Literal["shown", "other_way", "not_shown", "no_number"]


def indicator_estimates(
    columns: pd.DataFrame,
    found: NDArray[np.bool_],
    *,
    cluster: NDArray[np.integer],
    stratum: NDArray[np.integer],
    minimum: int,
    level: float,
) -> Iterator[Estimate]:
    """Per indicator `indicator_auc`, how often a visit with a finding has more of it than one without, and `indicator_chance`, corrected by Holm.

    0.5 is what an indicator gives that has nothing to do with findings. Only visits of one stratum are set beside each other.

    Parameters
    ----------
    columns
        Indicators, a line per visit by lot; lines where one is missing take no part in its figure.
    found
        Whether something was found.
    cluster, stratum
        Of each line: what is alike, and what may be compared.
    minimum
        Of visits with a finding, and of those without; with fewer there is no figure.
    """
    told = [_one(str(name), columns[name].to_numpy(np.float64), found, cluster, stratum, minimum) for name in columns]
    corrected = iter(holm([chance for _, _, _, chance in told if chance is not None]))
    for about, n, figures, chance in told:
        if isinstance(figures, str):
            yield nothing(figures, AUC, about, n=n, method="audit")
            continue
        auc, error = figures
        interval = auc_interval(auc, error, level=level)
        yield with_interval(auc, interval, AUC, about, n=n, level=level, method="audit")
        if chance is not None:
            yield exactly(float(next(corrected)), CHANCE, about, n=n, method="audit")


def _one(
    name: str,
    value: NDArray[np.float64],
    found: NDArray[np.bool_],
    cluster: NDArray[np.integer],
    stratum: NDArray[np.integer],
    minimum: int,
) -> tuple[About, int, tuple[float, float] | str, float | None]:
    """About which indicator, on how many lines, its AUC with standard error or why there is none, and the chance of one so far from a half."""
    about, known = About(at=f"feature={name}"), np.isfinite(value)
    n = int(known.sum())
    if not found.size:
        return about, 0, "no_visits_by_lot", None
    if min(int((found & known).sum()), int((~found & known).sum())) < minimum:
        return about, n, "few_found_by_lot", None
    if np.ptp(value[known]) == 0:
        return about, n, "nothing_varies", None
    auc, error = clustered_auc(value[known], found[known], cluster=cluster[known], stratum=stratum[known])
    if math.isnan(auc):
        return about, n, "few_found_by_lot", None
    return about, n, (auc, error), _chance(auc, error)


def _chance(auc: float, error: float) -> float | None:
    """Both ways, on the log-odds of the AUC as its interval is; None where that has none."""
    if not (0 < auc < 1 and error > 0):
        return None
    away = abs(math.log(auc / (1 - auc))) * auc * (1 - auc) / error
    return math.erfc(away / math.sqrt(2))


def shown_by_lot(auc: Estimate | None, chance: Estimate | None, direction: Direction, *, level: float) -> Shown:
    """Whether an indicator goes with findings in its declared direction; in either, when none is declared (±).

    Examples
    --------
    >>> auc = Estimate("", AUC, 0.4, 0.3, 0.5, n=90, method="audit", level=0.95)
    >>> [shown_by_lot(auc, exactly(p, CHANCE, About(), n=90, method="audit"), "+", level=0.95) for p in (0.01, 0.2)]
    ['other_way', 'not_shown']
    """
    if auc is None or auc.value is None or chance is None or chance.value is None:
        return "no_number"
    if chance.value >= 1 - level:
        return "not_shown"
    other_way = (direction == "+" and auc.value < 0.5) or (direction == "-" and auc.value > 0.5)
    return "other_way" if other_way else "shown"


def check_indicators(
    estimates: Iterable[Estimate], directions: Mapping[str, Direction], *, model: str, level: float
) -> Finding:
    """TK225: of the indicators that the model uses, some were not shown to go with findings as declared, or go the other way.

    Not shown counts as found: who uses an indicator must show that it fits (dat-02), and few visits by lot are no excuse, but a reason to draw more.

    Parameters
    ----------
    directions
        Declared, of every indicator that the model uses.
    """
    by = {(e.metric, at_of(e, "feature")): e for e in estimates if e.metric in (AUC, CHANCE)}
    aucs = {name: by[AUC, name] for name in directions if (AUC, name) in by}
    told = {name: shown_by_lot(e, by.get((CHANCE, name)), directions[name], level=level) for name, e in aucs.items()}
    if not any(verdict != "no_number" for verdict in told.values()):
        reason = next((e.note for e in aucs.values() if e.note), "no_features_used")
        return Finding("TK225", "not_applicable", model, {"reason": reason})
    wrong = [name for name, verdict in told.items() if verdict == "other_way"]
    open_ = [name for name, verdict in told.items() if verdict in ("not_shown", "no_number")]
    facts: dict[str, str | int | float] = {
        "looked_at": len(told),
        "shown": sum(verdict == "shown" for verdict in told.values()),
        "not_shown": len(open_),
        "other_way": len(wrong),
        "by": "other_way" if wrong else "open",
    }
    if wrong:
        facts["feature"] = max(wrong, key=lambda name: abs((aucs[name].value or 0.5) - 0.5))
    ids = tuple(aucs[name].id for name in wrong or open_ or aucs)
    return Finding("TK225", "found" if wrong or open_ else "not_found", model, facts, ids)
