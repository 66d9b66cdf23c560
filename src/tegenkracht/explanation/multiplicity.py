"""How many other models, not shown to do worse, flag other places: another seed, other units, and the other models of the study (methods B-21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.explanation.refits import DEPENDS, MANY

Flags = NDArray[np.bool_]

CODES: Mapping[str, str] = {
    "TK313": "Models that were not shown to do worse or better leave many flagged places off their lists."
}
FILE = "flags.parquet"
"""Which flagged places depend on what: names single places, so it stays on the machine of the run."""


def multiplicity_estimates(model: str, others: Mapping[str, Flags], *, level: float) -> tuple[Estimate, ...]:
    """`ambiguity` and `discrepancy` of the flags among sets of other models (`at` is `among=…`), and `models_counted`, how many each set has.

    Ambiguity is the share of flags that at least one of the set does not set, discrepancy the largest share that a single one does not set (Marx,
    Calmon & Ustun 2020, who count over all rows; lists of one length lose as many places as they win). The first rises with the number of models, so
    that it is told beside it. Wilson's intervals take flags as drawn one by one; that of discrepancy does not know that the model was chosen as the
    one that differs most.

    Parameters
    ----------
    others
        Per set, whether each other model flags the places that the card's model flags: (other, flagged). A set without models is left out.
    """
    out: list[Estimate] = []
    for among, flags in others.items():
        if not len(flags):
            continue
        times, n = flags.shape
        lost = {"ambiguity": int((~flags).any(axis=0).sum()), "discrepancy": int((~flags).sum(axis=1).max())}
        out += [_share(model, metric, of, n, level, f"among={among}") for metric, of in lost.items()]
        out.append(Estimate(model, "models_counted", float(times), n=times, method="count", at=f"among={among}"))
    return tuple(out)


def _share(model: str, metric: str, of: int, n: int, level: float, at: str) -> Estimate:
    return Estimate(model, metric, of / n, *wilson_interval(of / n, n, level=level), n, "sample", level, at=at)


def check_multiplicity(estimates: Sequence[Estimate], *, model: str) -> Finding:
    """TK313: a large share of the flags is not set by one of the models that were not shown to do worse or better."""
    of = {e.metric: e for e in estimates if e.at == "among=models"}
    if not of:
        return Finding("TK313", "not_applicable", model, {"reason": "no_model_as_good"})
    ambiguity, discrepancy = of["ambiguity"], of["discrepancy"]
    facts: dict[str, str | int | float] = {
        "models": of["models_counted"].n,
        "ambiguity": round(100 * (ambiguity.value or 0.0), 1),
        "discrepancy": round(100 * (discrepancy.value or 0.0), 1),
        "flags": ambiguity.n,
    }
    many = (ambiguity.value or 0.0) >= MANY
    return Finding("TK313", "found" if many else "not_found", model, facts, (ambiguity.id, discrepancy.id))


def flags_table(flagged: NDArray[np.str_], others: Mapping[str, Flags], names: Sequence[str]) -> pd.DataFrame:
    """A line per flagged place: the share of each set of other models that flags it too, and whether that is too little.

    Columns `row_id`; `by_seed`, `by_units`, `by_models` (missing where the set has no models); `not_by`, the names of models of the study that were not
    shown to do worse or better and do not flag it; `depends`, whether fewer than `DEPENDS` of the refits from other units do.

    Parameters
    ----------
    names
        Of the models in `others["models"]`, in order.
    """
    shares = {
        f"by_{among}": others[among].mean(axis=0) if len(others.get(among, ())) else np.full(len(flagged), np.nan)
        for among in ("seed", "units", "models")
    }
    not_by = [", ".join(n for n, on in zip(names, column, strict=True) if not on) for column in others["models"].T]
    depends = pd.array(shares["by_units"] < DEPENDS, dtype="boolean")
    depends[np.isnan(shares["by_units"])] = pd.NA
    return pd.DataFrame({"row_id": flagged, **shares, "not_by": not_by or [""] * len(flagged), "depends": depends})
