"""Do 95 % intervals hold the truth in 95 of 100 worlds, do bounds hold it always, and do findings speak up where a figure must not be believed?

    python experiments/validity/intervals.py --worlds 500            # every named world, two processes
    python experiments/validity/intervals.py --worlds 20 --names clean selected
    python experiments/validity/intervals.py --weighed               # only figures of weighed visits, and bounds

Each world is lived through in memory and looked at as a study looks: indicators before four dates, a list per date, visits in the year after. The truth is
what a visit would have found at each place in each quarter, whether somebody went or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import pandas as pd
from in_processes import print_per_name, worlds_parser
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score
from small_world import SmallWorld, small_world

from tegenkracht.core.drawing import VisitsBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.data.world import read_world
from tegenkracht.data.world.world import World
from tegenkracht.evaluation.bounds_everyone import bounds_over_everyone
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.hidden_tips import seen_of, tips_estimates
from tegenkracht.evaluation.hidden_tips_checks import check_tips
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.propensity import (
    Chances,
    Propensities,
    chance_estimates,
    check_chances,
    propensities_of,
)
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.visits_together import check_together, together_estimates
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted import weighted_estimates
from tegenkracht.evaluation.weighted_checks import check_weighted

CAPACITY, LEVEL, REPLICATES, MINIMUM = 100, 0.95, 1_000, 10
VALID = ("weighted", "audit")
"""Ways of counting that claim to hold the truth at the stated level, where each place can be visited."""


@dataclass(frozen=True)
class Kind:
    """How worlds of one kind are made, and what is asked of them.

    Parameters
    ----------
    world
        The named world that it is, or from which it differs by `visits`.
    valid
        Ways of counting that claim to hold the truth.
    warnings
        How often a warning is wanted, in words.
    """

    world: str
    sector: str = "shopping_strip"
    scale: float = 0.03
    visits: Mapping[str, float] = field(default_factory=dict)
    valid: Sequence[str] = VALID
    warnings: str = ""

    def read(self) -> World:
        """The world as it is to be lived through."""
        world = read_world(self.world)
        return world.model_copy(update={"visits": world.visits.model_copy(update=dict(self.visits))})


SPEAK = "at least 95 %"
KINDS: Mapping[str, Kind] = {
    "clean": Kind("clean", warnings="at most 5 %"),
    **{name: Kind(name) for name in ("selected", "loop", "detect_gap")},
    "selected+tips": Kind("selected+tips", scale=0.08, warnings=SPEAK),
    **{name: Kind(name) for name in ("proxy_only", "infra_marginal", "leaky_space", "adversarial")},
    "tiny_sector": Kind("tiny_sector", sector="marina", scale=1.0),
    "no_overlap": Kind("selected", visits={"on_indicators": 3.0, "lot_share": 0.0}, valid=(), warnings=SPEAK),
}
"""Each named world; and `selected` without visits by lot, in which all go to the places with most indications and nobody to most places."""
DIGITS = 1e-11
"""Figures are written with 12 digits: an end that is the truth may lie so far from it."""
WARNINGS = ("TK114", "TK115", "TK116", "TK121")
"""What warns that figures with an estimated chance must not be believed: overlap, fit, contradiction, and tips."""
FIGURES = (
    "prevalence",
    "precision_at_capacity",
    "recall_at_capacity",
    "auc",
    "precision_above_random",
    "precision_difference",
    "auc_difference",
    "brier",
    "expected_observed_ratio",
)
RULE, FEWER = "rule", "fewer"
"""The sum of all indicators, and the sum of every other one, that it is compared with."""
PER_INDICATOR, LEAST_LIKELY = 0.2, 4.0
"""The chance that the rule gives: its log-odds rise so much with an indicator, from so far below nought. It is not a calibrated one."""


@dataclass(frozen=True)
class Seen:
    """What one world gave: per figure and way of counting the truth, the value and the interval; per check its verdict."""

    figures: Mapping[tuple[str, str], tuple[float, float | None, float, float]]
    verdicts: Mapping[str, str]


def capacity_in(world: SmallWorld) -> int:
    """How long lists are: a quarter of the shortest one in a small world."""
    return min(CAPACITY, int(world.scores.rows["as_of"].value_counts().min()) // 4)


def one_world(
    name: str, seed: int, *, weighed: bool = False, recorded: bool = False, visits_by: VisitsBy = "inspection_id"
) -> Seen:
    """Every way of counting in one world, or only by weighed visits and as bounds, of which intervals draw visits, as these worlds do, or places, or strips.

    With `recorded` no chances are estimated and no lists compared, which takes most of the time.
    """
    kind = KINDS[name]
    world = small_world(kind.read(), sector=kind.sector, scale=kind.scale, seed=seed)
    capacity = capacity_in(world)
    drawn: dict[str, Any] = {"replicates": REPLICATES, "level": LEVEL, "seed": seed, "threads": 1}
    scores = with_fewer(world, seed)
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id")
    learner = Chances(learner="logistic", parts=3, limit=0.01)
    chances = None if recorded else propensities_of(world.panel, sample, world.visits, learner, seed=seed, threads=1)
    versus: Versus = {} if recorded else {RULE: (FEWER,)}
    looked = weigh(world.visits, sample, chances)
    estimates = weighted_estimates(
        scores.only(RULE) if recorded else scores,
        looked,
        versus=versus,
        capacity=capacity,
        lists="per_as_of",
        visits_by=visits_by,
        propensities=chances,
        probability_models=[RULE],
        minimum=MINIMUM,
        **drawn,
    )
    estimates += bounds_over_everyone(
        sample, capacity=capacity, probability_models=[RULE], versus=versus, minimum=MINIMUM
    )
    findings = tuple(check_weighted(estimates, main=RULE))
    if not recorded:
        together = together_estimates(scores, looked, lists="per_as_of", **drawn)
        findings = (*findings, *check_together(together, drawn=visits_by))
    if chances is not None and not weighed:
        also, checks = _others(world, scores, chances, capacity, drawn)
        estimates, findings = estimates + also, findings + checks
    true, at = truths(world, scores, capacity), f"capacity={capacity}"
    figures = {
        (e.metric, e.method): (true[e.metric, e.method == "bounds"], e.value, e.low, e.high)
        for e in estimates
        if e.metric in FIGURES
        and e.model in ("", RULE)
        and e.split == "all"
        and not e.group
        and e.at in ("", at, f"versus={FEWER}", f"{at},versus={FEWER}")
        and e.low is not None
        and e.high is not None
    }
    return Seen(figures, _verdicts(findings))


def _verdicts(findings: Sequence[Finding]) -> dict[str, str]:
    """Per check its verdict; found where it is found anywhere."""
    order = ("not_applicable", "not_found", "found")
    return {finding.code: finding.verdict for finding in sorted(findings, key=lambda one: order.index(one.verdict))}


def _others(
    world: SmallWorld, scores: Scores, chances: Propensities, capacity: int, drawn: dict[str, Any]
) -> tuple[tuple[Estimate, ...], tuple[Finding, ...]]:
    """What a study counts where somebody went, and what its checks on chances and tips say."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id")
    labelled = of_visited(scores.only(RULE, FEWER), reference=FEWER, capacity=capacity, **drawn)
    looked = chance_estimates(chances, sample, **drawn)
    seen = seen_of(world.panel, sample, world.visits, chances, model=RULE, capacity=capacity, seed=drawn["seed"])
    tips = tips_estimates(seen, capacity=capacity, **drawn)
    checks = (*check_chances(looked), *check_tips(tips, main=RULE, why="few_visits"))
    return labelled, checks


def of_visited(scores: Scores, *, reference: str, capacity: int, **drawn: Any) -> tuple[Estimate, ...]:
    """What a study measures where somebody went. Groups are told apart where the scores have them, and cost a sixth of a world."""
    return measure(
        scores,
        main_model=RULE,
        reference_model=reference,
        capacity=capacity,
        lists="per_as_of",
        cluster_by="cluster_id",
        probability_models=[],
        min_group=MINIMUM,
        replay=None,
        visits=None,
        progress=silent,
        **drawn,
    )


def with_fewer(world: SmallWorld, seed: int) -> Scores:
    """The rule's sums as chances, and a sum of every other indicator on the same rows; ties are broken by lot."""
    columns = [feature.name for feature in world.panel.features][::2]
    points = world.panel.rows[columns].sum(axis=1) + np.random.default_rng([seed, 2]).uniform(
        0, 0.5, len(world.panel.rows)
    )
    rows = world.scores.rows.assign(model=FEWER, score=points)
    rows["rank"] = rows.groupby("as_of")["score"].rank(ascending=False, method="first").astype(int)
    told = as_chances(world.scores)
    both = pd.concat([told.rows, rows], ignore_index=True)
    return Scores(both, told.context, told.audit, (RULE, FEWER))


def as_chances(scores: Scores) -> Scores:
    """The rule's sums as chances, in the same order."""
    rows = scores.rows.assign(score=expit(PER_INDICATOR * scores.rows["score"] - LEAST_LIKELY))
    return Scores(rows, scores.context, scores.audit, scores.models)


def counted(world: SmallWorld) -> dict[bool, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Per row how much there is to find and of how many: of visits (False) and of rows (True).

    Of visits: every quarter of a row's horizon in which its place was open counts once. Of rows, which is what bounds are about: a row has what was seen there,
    and where nobody went what a visit in its first open quarter would have found.
    """
    rows, is_open, found = world.scores.rows, ~np.isnan(world.potential), np.nan_to_num(world.potential)
    once = np.where(rows["observed"], rows["outcome"].fillna(0), found[np.arange(len(rows)), is_open.argmax(axis=1)])
    return {False: (found.sum(axis=1), is_open.sum(axis=1).astype(np.float64)), True: (once, np.ones(len(rows)))}


def truths(world: SmallWorld, scores: Scores, capacity: int) -> dict[tuple[str, bool], float]:
    """Per figure what is true, of visits (False) and of rows (True)."""
    out: dict[tuple[str, bool], float] = {}
    for of, hits in counted(world).items():
        rule, fewer = (_figures(scores.of(model), *hits, capacity=capacity) for model in (RULE, FEWER))
        out |= {(figure, of): value for figure, value in rule.items()}
        compared = (("precision_difference", "precision_at_capacity"), ("auc_difference", "auc"))
        out |= {(difference, of): rule[figure] - fewer[figure] for difference, figure in compared}
    return out


def _figures(
    rows: pd.DataFrame, found: NDArray[np.float64], of: NDArray[np.float64], *, capacity: int
) -> dict[str, float]:
    """Shares of `found` among `of`, the area under the curve of one model's scores, and how right they are as chances."""
    score, listed = rows["score"].to_numpy(), (rows["rank"] <= capacity).to_numpy(np.float64)
    precision, anywhere = float(listed @ found / (listed @ of)), float(found.sum() / of.sum())
    both = np.concatenate([found, of - found])
    label = np.repeat([1, 0], len(score))
    area = roc_auc_score(label, np.concatenate([score, score]), sample_weight=both) if found.any() else float("nan")
    return {
        "prevalence": anywhere,
        "precision_at_capacity": precision,
        "precision_above_random": precision - anywhere,
        "recall_at_capacity": float(listed @ found / found.sum()) if found.any() else float("nan"),
        "auc": float(area),
        "brier": float(((1 - score) ** 2 * found + score**2 * (of - found)).sum() / of.sum()),
        "expected_observed_ratio": float(score @ of / found.sum()) if found.any() else float("nan"),
    }


def summary(name: str, seen: Sequence[Seen]) -> Iterator[str]:
    """A line per figure and way of counting, then a line per check that spoke up somewhere."""
    for figure in FIGURES:
        for method in ("labelled", "weighted", "audit", "adjusted", "doubly_robust", "bounds"):
            told = [one.figures[figure, method] for one in seen if (figure, method) in one.figures]
            told = [one for one in told if np.isfinite(one[0])]
            if told:
                yield line_of(name, figure, method, told)
    for code in sorted({code for one in seen for code in one.verdicts}):
        verdicts = [one.verdicts.get(code, "not_applicable") for one in seen]
        applicable = [verdict for verdict in verdicts if verdict != "not_applicable"]
        if applicable:
            share = 100 * applicable.count("found") / len(applicable)
            yield f"| {name} | {code} found | | {len(applicable)} | | | {share:.1f} % | | |"
    if not any("TK121" in one.verdicts for one in seen):
        return
    spoken = 100 * float(np.mean([any(one.verdicts.get(code) == "found" for code in WARNINGS) for one in seen]))
    yield f"| {name} | any of {', '.join(WARNINGS)} found | | {len(seen)} | | | {spoken:.1f} % | {KINDS[name].warnings} | |"


def line_of(name: str, figure: str, method: str, told: Sequence[tuple[float, float | None, float, float]]) -> str:
    """A line of the table: how often intervals hold the truth, from truth, value and ends in each world."""
    truth, low, high = (np.array([one[i] for one in told], float) for i in (0, 2, 3))
    values = [one[1] for one in told if one[1] is not None]
    held = int(((low - DIGITS <= truth) & (truth <= high + DIGITS)).sum())
    ends = binomtest(held, len(told)).proportion_ci(0.95, method="wilson")
    wanted = "100 %" if method == "bounds" else "93 to 97 %" if method in KINDS[name].valid else "no claim"
    value = f"{np.mean(values):.4f}" if values else "–"
    spread = f"{100 * ends.low:.0f} to {100 * ends.high:.0f} %"
    return (
        f"| {name} | {figure} | {method} | {len(told)} | {truth.mean():.4f} | {value} | "
        f"{100 * held / len(told):.1f} % ({spread}) | {wanted} | {np.mean(high - low):.3f} |"
    )


HEAD = (
    "| world | figure | way of counting | worlds | truth | estimate | interval holds the truth | wanted | width |\n"
    + "| --- " * 9
    + "|"
)


def main() -> None:
    """Every named world, printed as Markdown."""
    parser = worlds_parser(__doc__, names=list(KINDS))
    parser.add_argument(
        "--weighed", action="store_true", help="only figures of weighed visits, bounds, and checks on weights"
    )
    parser.add_argument("--recorded", action="store_true", help="of these no estimated chances and no comparisons")
    parser.add_argument("--visits-by", default="inspection_id", choices=get_args(VisitsBy), help="what is drawn")
    options = parser.parse_args()
    asked = {"weighed": options.weighed, "recorded": options.recorded, "visits_by": options.visits_by}
    print_per_name(HEAD, one_world, summary, options, **asked)


if __name__ == "__main__":
    main()
