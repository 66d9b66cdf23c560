"""The summary that readers of SHAP expect: rows as dots, per column, coloured by the column's own value, and no single place among them.

A figure is shared with a card. A dot where one place's contribution lies, in the colour of its value, would show that place to whoever knows it. So
dots are drawn where a group of places is on average, in the colour that a group of places has on average.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tegenkracht.core.text import Language
from tegenkracht.reporting.words.numbers import separated

Floats = NDArray[np.float64]

_SCALE = LinearSegmentedColormap.from_list("low to high", ["#4f7fa8", "#d3d9df", "#8f4e00"])
_INK, _GREY = "#16212c", "#4a5663"
_MOST_DOTS = 2000
_BINS = 60
_SHARPNESS = 220  # dots per inch of the dots: as paths they made files of four megabytes and took most of the time of writing a run
_LABEL = 34  # letters on a line of a label; longer ones would leave no room for the dots


def write_beeswarm(
    contributions: pd.DataFrame,
    values: pd.DataFrame,
    *,
    labels: Sequence[str],
    words: tuple[str, str, str],
    units: Sequence[str] | NDArray[np.str_],
    at_least: int,
    seed: int,
    language: Language,
    path: Path,
) -> None:
    """Write an SVG with one line of dots per column, largest mean contribution on top; words and axes are text, the dots a picture in it.

    Parameters
    ----------
    contributions, values
        Columns to show, in order; one row per scored row. More than 2,000 rows are sampled with `seed`.
    labels
        What the columns are called.
    words
        Title of the axis, and what the lowest and the highest value are called.
    units
        The place of each row: several rows of one place count once.
    at_least
        Places that a dot's position and its colour are each the mean of, at least; with fewer places in all they are the mean of those.
    language
        In which the numbers of the axis are written.
    """
    chosen = np.sort(
        np.random.default_rng(seed).choice(len(contributions), min(len(contributions), _MOST_DOTS), replace=False)
    )
    places = pd.factorize(np.asarray(units))[0]
    wrapped = [textwrap.fill(label, _LABEL) for label in labels]
    height = 1.2 + sum(0.16 + 0.2 * (1 + label.count("\n")) for label in wrapped)
    with mpl.rc_context({"svg.hashsalt": "tegenkracht", "font.family": "sans-serif", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8.4, height), layout="constrained")
        axes = figure.subplots()
        for line, name in enumerate(contributions):
            x, shade = together(
                contributions[name].to_numpy(dtype=np.float64)[chosen],
                _rank(values[name].to_numpy(dtype=np.float64)[chosen]),
                places[chosen],
                at_least=at_least,
            )
            axes.scatter(x, len(labels) - 1 - line + _spread(x), c=_SCALE(shade), s=5, linewidths=0, rasterized=True)
        axes.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(labels)), list(reversed(wrapped)), color=_INK)
        axes.xaxis.set_major_formatter(lambda tick, _: _tick(tick, axes.get_xticks(), language))
        axes.set_xlabel(words[0], color=_GREY)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(left=False)
        bar = figure.colorbar(mpl.cm.ScalarMappable(cmap=_SCALE), ax=axes, shrink=0.5, aspect=18, ticks=[0, 1])
        bar.ax.set_yticklabels([words[1], words[2]], color=_GREY)
        bar.outline.set_visible(False)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            figure.set_layout_engine(None)  # saving a figure that has yet to find its layout draws every dot twice
        figure.savefig(path, format="svg", dpi=_SHARPNESS, metadata={"Date": None})


def _tick(tick: float, ticks: Sequence[float] | Floats, language: Language) -> str:
    """A number of the axis, with as many decimals as its step needs.

    Examples
    --------
    >>> _tick(-2.0, [-2.0, -1.5], "nl"), _tick(0.25, [0.25, 0.5], "en")
    ('−2,0', '0.25')
    """
    step = float(np.diff(ticks).min()) if len(ticks) > 1 else 1.0
    decimals = next((d for d in range(6) if abs(round(step, d) - step) < 1e-9), 6)
    return separated(round(tick, decimals), decimals, language, sign=False)


def together(x: Floats, shade: Floats, places: NDArray[np.int64], *, at_least: int) -> tuple[Floats, Floats]:
    """Position and colour of each dot (row): means over groups of `at_least` places or more, so that neither is a single place's own.

    Rows are joined from left to right until a group spans a bin of the axis and has enough places; within it, from low to high values likewise.

    Parameters
    ----------
    x, shade
        Contribution, and the value as a share of its order (row).
    places
        Code of each row's place (row).
    """
    position, colour = np.empty_like(x), np.empty_like(shade)
    for group in _groups(np.argsort(x, kind="stable"), _bin(x), places, at_least):
        position[group] = x[group].mean()
        for alike in _groups(group[np.argsort(shade[group], kind="stable")], np.arange(len(x)), places, at_least):
            colour[alike] = shade[alike].mean()
    return position, colour


def _groups(
    order: NDArray[np.intp], bins: NDArray[np.int64], places: NDArray[np.int64], at_least: int
) -> list[NDArray[np.intp]]:
    """Rows in order, cut where a bin ends and `at_least` places are together; what is left over joins the last group."""
    cuts, seen, before = list[int](), set[int](), None
    for i, (at, place) in enumerate(zip(bins[order].tolist(), places[order].tolist(), strict=True)):
        if len(seen) >= at_least and at != before:
            cuts.append(i)
            seen = set()
        seen.add(place)
        before = at
    if cuts and len(seen) < at_least:
        cuts.pop()
    return np.split(order, cuts)


def _bin(x: Floats) -> NDArray[np.int64]:
    return np.asarray(np.clip((x - x.min()) / (np.ptp(x) or 1) * _BINS, 0, _BINS), dtype=np.int64)


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as a share of their order, 0 to 1; missing ones in the middle."""
    return np.asarray(pd.Series(values).rank(pct=True, method="average").fillna(0.5), dtype=np.float64)


def _spread(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dots that would lie on each other move apart, up and down in turn."""
    bins = _bin(x)
    place = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    fullest = max(int(np.bincount(bins).max()), 1)
    return np.asarray(np.where(place % 2, 1, -1) * ((place + 1) // 2) / fullest * 0.8, dtype=np.float64)
