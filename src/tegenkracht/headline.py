"""What a terminal shows at the end of a run: one line per model, where the card lies, how to open MLflow's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.spec import ExperimentSpec

HEADS = {"labelled": "where somebody went", "weighted": "weighted by chance", "bounds": "what is possible"}
"""Ways of counting, as a terminal calls them."""


def headline(spec: ExperimentSpec, folder: Path, estimates: Sequence[Estimate], uri: str | None) -> str:
    """The closing lines of a run."""
    at = f"capacity={spec.review.capacity}"
    known = {estimate.id: estimate for estimate in estimates}
    if any(estimate.metric == "profile_contrast" for estimate in estimates):
        return "\n".join([*_profile(spec, estimates), *_where(folder), *_tracked(uri)])
    forms = {
        (model, form): known.get(f"{model}/precision_at_capacity//{at}/all/{form}")
        for model in spec.models
        for form in ("labelled", "weighted", "bounds")
    }
    shown = [form for form in HEADS if form != "weighted" or any(forms[model, form] for model in spec.models)]
    lines = [
        f"{spec.name}: share of the list (first {spec.review.capacity}) at which somebody found something",
        *_rows(
            ("", *(HEADS[form] for form in shown)),
            *((model, *(_written(forms[model, form]) for form in shown)) for model in spec.models),
        ),
    ]
    return "\n".join([*lines, *_replay(spec.models, known), *_where(folder), *_tracked(uri)])


def _where(folder: Path) -> list[str]:
    return ["", f"card      {folder / 'card.nl.html'}", f"          {folder / 'card.en.html'}"]


def _tracked(uri: str | None) -> list[str]:
    if uri is None:
        return []
    pages = f"mlflow ui --backend-store-uri {uri} --host 127.0.0.1 --workers 1" if uri.startswith("sqlite") else uri
    return [f"MLflow    {pages}"]


def _profile(spec: ExperimentSpec, estimates: Sequence[Estimate]) -> list[str]:
    """Sides of a resilience profile: does each go with findings, how much of it is known, does it stay?"""
    by = {(estimate.metric, estimate.at): estimate for estimate in estimates if not estimate.group}
    sides = [estimate for estimate in estimates if estimate.metric == "profile_contrast"]
    return [
        f"{spec.name}: sides of the resilience profile (mean position where something was found, minus where nothing was)",
        *_rows(
            ("", "goes with findings", "signs known", "stays (correlation)"),
            *(
                (
                    at_of(side, "side"),
                    *(
                        _written(by.get((f"profile_{metric}", side.at)))
                        for metric in ("contrast", "known", "stability")
                    ),
                )
                for side in sides
            ),
        ),
    ]


def _replay(models: Iterable[str], known: dict[str, Estimate]) -> list[str]:
    """Days earlier per positive, where the study re-orders a schedule."""
    rows: list[tuple[str, ...]] = []
    for model in models:
        estimate, within = (
            known.get(f"{model}/days_earlier///all/replay"),
            known.get(f"{model}/days_earlier//within=inspector/all/replay"),
        )
        if estimate is not None:
            rows.append((model, _days(estimate), _days(within), _auc(known.get(f"{model}/auc///all/labelled"))))
    for order in ("random", "oracle"):
        estimate = known.get(f"/days_earlier//order={order}/all/replay")
        if estimate is not None:
            rows.append((f"({order} order)", _days(estimate)))
    return (
        [
            "",
            "days earlier per finding, visits re-ordered",
            *_rows(("", "all slots", "own inspector's slots", "AUC"), *rows),
        ]
        if rows
        else []
    )


def _rows(*rows: Sequence[str]) -> list[str]:
    """A table whose first column holds the longest name, and the others the longest number."""
    name = max(18, *(len(row[0]) for row in rows)) + 2
    cell = max(24, *(len(cell) for row in rows for cell in row[1:])) + 2
    return [("  " + f"{row[0]:<{name}}" + "".join(f"{one:<{cell}}" for one in row[1:])).rstrip() for row in rows]


def _written(estimate: Estimate | None) -> str:
    if estimate is None or not estimate.is_known:
        return "not known"
    ends = f"{estimate.low:.3f} to {estimate.high:.3f}" if estimate.low is not None else "no interval"
    return ends if estimate.value is None else f"{estimate.value:.3f} ({ends})"


def _days(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return "-"
    return f"{estimate.value:.2f}" + (
        f" ({estimate.low:.1f} to {estimate.high:.1f})" if estimate.low is not None else ""
    )


def _auc(estimate: Estimate | None) -> str:
    return "-" if estimate is None or estimate.value is None else f"{estimate.value:.3f}"
