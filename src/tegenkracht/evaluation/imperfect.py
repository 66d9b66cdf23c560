"""Shares corrected for inspections that miss cases or see cases that are not there (methods B-8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy
from scipy.stats import beta

from tegenkracht.core.conditions import without
from tegenkracht.core.errors import wrong
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding, Verdict
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.estimates import DESIGNED, About, nothing
from tegenkracht.evaluation.sight import DECLARED, TWICE, Share, Sight

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK133": "What inspections record lies outside the interval of what is there.",
    "TK134": "Double visits disagree with the declared sensitivity.",
    "TK135": "How well inspections see was declared, not measured in these data.",
    "TK136": "More than a third of what is recorded may be false alarms.",
}
FORMULA, BAYES = "by=rogan_gladen", "by=bayes"
"""The two roads to a corrected share."""
ALARMS = "false_alarm_share"
FALSE_ALARMS = 1 / 3
"""Share of findings above which false alarms are told of."""
DRAWS, CELLS, TOLD = 1_000, 400, 4_000
"""Draws of sensitivity and specificity, cells of the grid over the true share, and draws from their joint posterior."""


@dataclass(frozen=True)
class Recorded:
    """A share as inspections recorded it.

    Parameters
    ----------
    share
        Of answers, how many were yes.
    n
        How many independent answers that is worth.
    looks
        By number of visits, the part of all answers that rest on so many: an answer is yes when one of its visits found something.
    form
        How it was counted; see `Method`.
    """

    share: float
    n: float
    looks: Mapping[int, float] = field(default_factory=lambda: {1: 1.0})
    form: Method = "labelled"

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.n < 0:
            raise wrong(
                "recorded", f"{self.share:g} of {self.n:g} answers is not a share.", "Count findings among the visits."
            )

    def sensitivity(self, one: Floats | float) -> Floats:
        """Chance that a case gives a yes, when one visit sees it with chance `one`."""
        return np.asarray(1 - sum(part * (1 - np.asarray(one)) ** k for k, part in self.looks.items()), np.float64)

    def specificity(self, one: Floats | float) -> Floats:
        """Chance that a clean place gives a no, when one visit says so with chance `one`."""
        return np.asarray(sum(part * np.asarray(one) ** k for k, part in self.looks.items()), np.float64)


def recorded_of(estimate: Estimate, looks: Mapping[int, float]) -> Recorded | None:
    """A share with an interval as so many independent answers: as many as would give an interval of that width; None without an interval that has any.

    Shares of weighed visits, and of none or all, have Wilson's interval; other intervals are read as normal ones.

    Examples
    --------
    >>> recorded_of(Estimate("", "prevalence", 0.1, 0.0552292, 0.1743657, 400, "audit", 0.95), {1: 1.0}).n
    100.0
    """
    if estimate.value is None or estimate.low is None or estimate.high is None or estimate.level is None:
        return None
    share, half = estimate.value, (estimate.high - estimate.low) / 2
    if half == 0:
        return None
    z = reach_of(estimate.level)
    if share in (0.0, 1.0):
        n = float(estimate.n)
    elif estimate.method in DESIGNED:
        n = _wilson_size(share, half, z)
    else:
        n = share * (1 - share) * (z / half) ** 2
    return Recorded(share, min(round(n, 3), float(estimate.n)), looks, estimate.method)


def _wilson_size(share: float, half: float, z: float) -> float:
    """The n at which Wilson's interval is so wide: the positive root of a quadratic in n."""
    a, b, c = half**2, 2 * half**2 * z**2 - z**2 * share * (1 - share), half**2 * z**4 - z**4 / 4
    return (-b + math.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)


# ---------------------------------------------------------------- the formula


def rogan_gladen(recorded: Recorded, sight: Sight, metric: str, about: About, *, level: float) -> Estimate:
    r"""Share of true cases behind a recorded share (Rogan & Gladen 1978) with the interval of Lang & Reiczigel (2014).

    :math:`\rho = (q + Sp - 1) / (Se + Sp - 1)`. The interval counts the uncertainty of all three shares, each moved towards a half by a few
    imagined answers, and is shifted by what the curvature of the formula asks for. For visits to a random part of the set that the share is about.

    Returns
    -------
    Estimate
        Within [0, 1]; a reason when fewer cases are recorded than false alarms would give, or an inspection sees no more than chance.
    """
    if reason := _why_not(recorded, sight):
        return nothing(reason, metric, about, n=recorded.n, method=recorded.form)
    se, sp = _seen(recorded, sight)
    value = (recorded.share + sp.share - 1) / (se.share + sp.share - 1)
    low, high = _lang_reiczigel(recorded, se, sp, level=level)
    return _estimate(min(value, 1.0), low, high, "truncated" if value > 1 else "", metric, about, recorded, level)


def _why_not(recorded: Recorded, sight: Sight) -> str:
    if recorded.n == 0:
        return "nobody_inspected"
    if sight.why_not:
        return sight.why_not
    return "below_false_alarms" if recorded.share < 1 - _seen(recorded, sight)[1].share else ""


def _seen(recorded: Recorded, sight: Sight) -> tuple[Share, Share]:
    """Sensitivity and specificity of an answer, which may rest on several visits, with what they are worth."""
    one = sight.cases
    if one is None:
        raise ValueError(f"a sight of which {sight.why_not} has no sensitivity; ask `why_not` first")
    return (
        _of_several(
            one, recorded.sensitivity, sum(k * p * (1 - one.share) ** (k - 1) for k, p in recorded.looks.items())
        ),
        _of_several(
            sight.clean,
            recorded.specificity,
            sum(k * p * sight.clean.share ** (k - 1) for k, p in recorded.looks.items()),
        ),
    )


def _of_several(one: Share, chance: Callable[[float], Floats], slope: float) -> Share:
    """The share of an answer, worth as many answers as give the variance that one visit's share hands on."""
    share = float(chance(one.share))
    spread = slope**2 * one.share * (1 - one.share)
    return Share(share, share * (1 - share) * one.n / spread if spread > 0 and math.isfinite(one.n) else one.n)


def _lang_reiczigel(recorded: Recorded, se: Share, sp: Share, *, level: float) -> tuple[float, float]:
    z = reach_of(level)
    q = (recorded.n * recorded.share + z**2 / 2) / (recorded.n + z**2)
    (sees, sees_var), (clean, clean_var) = _moved(se), _moved(sp)
    youden = sees + clean - 1
    rho = (q + clean - 1) / youden
    shift = 2 * z**2 * (rho * sees_var - (1 - rho) * clean_var)
    variance = q * (1 - q) / (recorded.n + z**2) + rho**2 * sees_var + (1 - rho) ** 2 * clean_var
    middle, reach = rho + shift, z * math.sqrt(variance) / youden
    return _cut(middle - reach), _cut(middle + reach)


def _moved(known: Share) -> tuple[float, float]:
    """A share with one imagined yes and one imagined no, and its variance; a certain one stays."""
    if math.isinf(known.n):
        return known.share, 0.0
    share = (known.n * known.share + 1) / (known.n + 2)
    return share, share * (1 - share) / (known.n + 2)


# ---------------------------------------------------------------- the posterior


@dataclass(frozen=True)
class Posterior:
    """Draws of the true share, and of the part of what is recorded that is a false alarm."""

    share: Floats
    false_alarms: Floats


def posterior(recorded: Recorded, sight: Sight, *, seed: int) -> Posterior | None:
    """The true share given what was recorded and how well inspections see; None when hardly any draw sees more than chance.

    Jeffreys' priors for the true share and for what is counted of inspections. Sensitivity and specificity are drawn; for each draw the
    likelihood of the recorded share is taken on a grid over the true one, so that shares outside [0, 1] cannot occur.
    """
    rng = np.random.default_rng(seed)
    se, sp = sight.draws(rng, DRAWS)
    if se.size < DRAWS / 10 or recorded.n == 0:
        return None
    sees, clean = recorded.sensitivity(se)[:, None], recorded.specificity(sp)[:, None]
    edges = _edges(recorded, sees, clean)
    middles = (edges[1:] + edges[:-1]) / 2
    chance = middles * sees + (1 - middles) * (1 - clean)
    yes = recorded.n * recorded.share
    log_weight = xlogy(yes, chance) + xlog1py(recorded.n - yes, -chance) + np.log(np.diff(beta.cdf(edges, 0.5, 0.5)))
    heap = np.cumsum(np.exp(log_weight - log_weight.max()).ravel())
    drawn = np.searchsorted(heap, (np.arange(TOLD) + rng.random(TOLD)) / TOLD * heap[-1])
    row, cell = np.divmod(np.minimum(drawn, heap.size - 1), middles.size)
    shares = edges[cell] + rng.random(TOLD) * (edges[cell + 1] - edges[cell])
    alarms = (1 - shares) * (1 - clean[row, 0])
    return Posterior(shares, alarms / (alarms + shares * sees[row, 0]))


def _edges(recorded: Recorded, sees: Floats, clean: Floats) -> Floats:
    """Where the posterior can have weight: six standard errors around the formula, over all but the outermost draws."""
    q = (recorded.n * recorded.share + 0.5) / (recorded.n + 1)
    reach = 6 * math.sqrt(q * (1 - q) / (recorded.n + 1)) + 1 / (recorded.n + 1)
    ends = [(q + way * reach + clean - 1) / (sees + clean - 1) for way in (-1, 1)]
    low, high = _cut(float(np.quantile(ends[0], 0.001))), _cut(float(np.quantile(ends[1], 0.999)))
    return np.linspace(low, high, CELLS + 1) if low < high else np.linspace(0.0, 1.0, CELLS + 1)


def bayesian(
    recorded: Recorded, sight: Sight, metric: str, about: About, *, level: float, seed: int
) -> tuple[Estimate, Estimate]:
    """Posterior median and interval of the true share, and of the part of what is recorded that is a false alarm."""
    drawn = None if sight.why_not else posterior(recorded, sight, seed=seed)
    if drawn is None:
        why = sight.why_not or ("sees_no_more_than_chance" if recorded.n else "nobody_inspected")
        gone = [nothing(why, name, about, n=recorded.n, method=recorded.form) for name in (metric, ALARMS)]
        return gone[0], gone[1]
    return (
        _middle(drawn.share, metric, about, recorded, level),
        _middle(drawn.false_alarms, ALARMS, about, recorded, level),
    )


def _middle(draws: Floats, metric: str, about: About, recorded: Recorded, level: float) -> Estimate:
    low, value, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2]).tolist()
    return _estimate(value, low, high, "", metric, about, recorded, level)


def _cut(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _estimate(
    value: float, low: float, high: float, note: str, metric: str, about: About, recorded: Recorded, level: float
) -> Estimate:
    low, high = min(low, value), max(high, value)
    return Estimate(
        about.model,
        metric,
        value,
        low,
        high,
        round(recorded.n),
        recorded.form,
        level,
        note,
        about.group,
        about.at,
        about.split,
    )


# ---------------------------------------------------------------- figures of a study


def corrected_estimates(
    shares: Sequence[Estimate],
    sight: Sight | None,
    why: str,
    looks: Mapping[str, Mapping[int, float]],
    *,
    level: float,
    seed: int,
) -> Iterator[Estimate]:
    """Of each recorded share its corrected form by formula and by posterior, and the part of findings that is a false alarm.

    Parameters
    ----------
    shares
        `prevalence` and `precision_at_capacity` in every form that the study has.
    sight
        How well inspections see; None when that is not known, because of `why`.
    looks
        Per metric, on how many visits an answer rests in the form `labelled`; in other forms each answer is one visit.
    """
    for share in shares:
        at = [f"{share.at},{by}" if share.at else by for by in (FORMULA, BAYES)]
        abouts, metric = [About(share.model, one) for one in at], f"true_{share.metric}"
        told = recorded_of(share, looks[share.metric] if share.method == "labelled" else {1: 1.0})
        if told is None or sight is None:
            reason = (share.note or "too_few_for_interval") if told is None else why
            yield from (nothing(reason, metric, about, n=share.n, method=share.method) for about in abouts)
            continue
        yield rogan_gladen(told, sight, metric, abouts[0], level=level)
        true, alarms = bayesian(told, sight, metric, abouts[1], level=level, seed=seed)
        yield true
        yield replace(alarms, metric=f"{ALARMS}_{share.metric}")


FAIREST: tuple[Method, ...] = ("audit", "weighted", "labelled")
"""Forms in which a check looks at a figure, the fairest first."""
FIGURES = ("prevalence", "precision_at_capacity")


def check_inspections(estimates: Sequence[Estimate], recorded: Sequence[Estimate], source: str) -> Iterator[Finding]:
    """TK133 and TK136 on prevalence and on the list, TK134 and TK135.

    Parameters
    ----------
    estimates
        As `sight_estimates` and `corrected_estimates` gave them.
    recorded
        The shares that were corrected.
    source
        Where sensitivity comes from (`DECLARED`, `TWICE`), or why there is none.
    """
    for figure in FIGURES:
        yield from _recorded_and_there([e for e in recorded if e.metric == figure], estimates, figure)
    yield _agree(estimates)
    facts = {"reason": source} if source not in (DECLARED, TWICE) else {}
    verdict: Verdict = "not_applicable" if facts else "found" if source == DECLARED else "not_found"
    yield Finding(
        "TK135",
        verdict,
        facts=facts,
        estimates=tuple(e.id for e in estimates if e.metric == "sensitivity" and e.at == source and not e.group),
    )


def _recorded_and_there(recorded: Sequence[Estimate], estimates: Sequence[Estimate], figure: str) -> Iterator[Finding]:
    """TK133: the recorded value lies outside the interval of the corrected one; TK136: the part of false alarms. In the fairest form there is."""
    by_form = {e.method: e for e in recorded}
    true = {(e.metric, e.method, without(e.at, "capacity")): e for e in estimates if e.metric.endswith(figure)}
    reason = "nothing_corrected"
    for form in FAIREST:
        there, alarms = true.get((f"true_{figure}", form, BAYES)), true.get((f"{ALARMS}_{figure}", form, BAYES))
        if there is None or alarms is None:
            continue
        if there.value is None or there.low is None or there.high is None or alarms.value is None:
            reason = there.note
            continue
        said = by_form[form]
        value = said.value or 0.0
        facts: dict[str, str | int | float] = {
            "by": figure,
            "counted": form,
            "recorded": round(100 * value, 1),
            "there": round(100 * there.value, 1),
            "low": round(100 * there.low, 1),
            "high": round(100 * there.high, 1),
        }
        outside = not there.low <= value <= there.high
        yield Finding("TK133", "found" if outside else "not_found", there.model, facts, (said.id, there.id))
        facts = {
            "by": figure,
            "counted": form,
            "alarms": round(100 * alarms.value),
            "low": round(100 * (alarms.low or 0.0)),
            "high": round(100 * (alarms.high or 0.0)),
        }
        yield Finding(
            "TK136", "found" if alarms.value > FALSE_ALARMS else "not_found", there.model, facts, (alarms.id,)
        )
        return
    for code in ("TK133", "TK136"):
        yield Finding(code, "not_applicable", facts={"by": figure, "reason": reason})


def _agree(estimates: Sequence[Estimate]) -> Finding:
    """TK134: the intervals of declared and of measured sensitivity lie apart."""
    declared, twice = (
        next((e for e in estimates if e.metric == "sensitivity" and e.at == at and not e.group), None)
        for at in (DECLARED, TWICE)
    )
    if declared is None or twice is None:
        reason = "no_declared_sensitivity" if declared is None else "double_visits_not_asked"
        return Finding("TK134", "not_applicable", facts={"reason": reason})
    if twice.low is None or twice.high is None or declared.low is None or declared.high is None:
        return Finding("TK134", "not_applicable", facts={"reason": twice.note})
    facts: dict[str, str | int | float] = {
        "declared": round(100 * (declared.value or 0.0)),
        "low": round(100 * twice.low),
        "high": round(100 * twice.high),
        "pairs": twice.n,
    }
    apart = twice.low > declared.high or twice.high < declared.low
    return Finding("TK134", "found" if apart else "not_found", "", facts, (declared.id, twice.id))
