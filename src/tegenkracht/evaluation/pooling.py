"""Rates of many groups at once: small groups lean on what groups have in common, and the leaning itself is uncertain.

Groups' rates come from one Beta distribution whose middle and width are not known. The posterior of these two is laid out on a grid, so that
nothing is sampled by a chain; fixing them at their best value (empirical Bayes) gives intervals that are too narrow when groups are few.
Gelman et al., Bayesian Data Analysis, 3rd edition, 2013, section 5.3; the prior on the width is Christiansen & Morris 1997, section 2 (JASA 92).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit

Floats = NDArray[np.float64]

DRAWS = 4_000
"""Posterior draws of each rate: the end of an interval moves by a thirtieth of its length from one seed to another."""
_MIDDLES, _WIDTHS = 61, 41


@dataclass(frozen=True)
class Hyper:
    """The posterior of what groups have in common, on a grid.

    Parameters
    ----------
    middle, size
        Per grid point, the mean of the Beta distribution and how many answers it is worth.
    weight
        Posterior probability of each point; adds to 1.
    """

    middle: Floats
    size: Floats
    weight: Floats

    def drawn(self, rng: np.random.Generator, *, draws: int = DRAWS) -> Drawn:
        """Independent draws of what groups have in common."""
        point = rng.choice(self.weight.size, size=draws, p=self.weight)
        return Drawn(self.middle[point] * self.size[point], (1 - self.middle[point]) * self.size[point])


@dataclass(frozen=True)
class Drawn:
    """Draws of the Beta distribution that groups' rates come from: its two parameters (draw)."""

    a: Floats
    b: Floats

    def rates(self, found: Floats, n: Floats, rng: np.random.Generator) -> Floats:
        """Rates of groups with so many of so many (draw, group); a group without answers is drawn from what is common."""
        out: Floats = rng.beta(self.a[:, None] + found, self.b[:, None] + n - found)
        return out


def common_to(found: Floats, n: Floats) -> Hyper:
    r"""Posterior of the Beta distribution that groups' rates come from.

    A priori the middle is uniform, and the size :math:`\kappa` has density :math:`c/(c+\kappa)^2` with `c` the harmonic mean of the groups'
    `n`: how much a typical group leans on the others, :math:`\kappa/(c+\kappa)`, is uniform between not at all and entirely.

    Parameters
    ----------
    found, n
        Per group, how many of how many; need not be whole numbers. Groups without answers say nothing.
    """
    found, n = found[n > 0], n[n > 0]
    total = max(float(n.sum()), 1.0)
    overall = float(np.clip(found.sum() / total, 0.5 / total, 1 - 0.5 / total))
    # The middle is laid out on the log-odds: first as wide as six answers leave it, then around where its posterior is.
    rough = _laid_out(found, n, centre=float(logit(overall)), reach=6.0)
    log_odds = logit(rough.middle)
    centre = float((rough.weight * log_odds).sum())
    spread = float(np.sqrt((rough.weight * (log_odds - centre) ** 2).sum()))
    return _laid_out(found, n, centre=centre, reach=max(5 * spread, 12.0 / _MIDDLES))


def _laid_out(found: Floats, n: Floats, *, centre: float, reach: float) -> Hyper:
    """The posterior on a grid of middles, so far from a centre in log-odds, and of sizes."""
    c = n.size / (1 / n).sum() if n.size else 1.0
    lean = (np.arange(_WIDTHS) + 0.5) / _WIDTHS
    middle = np.clip(expit(centre + np.linspace(-reach, reach, _MIDDLES)), 1e-9, 1 - 1e-9)
    m, k = (part.ravel() for part in np.meshgrid(middle, c * lean / (1 - lean), indexing="ij"))
    a, b = (m * k)[:, None], ((1 - m) * k)[:, None]
    log = (betaln(a + found, b + n - found) - betaln(a, b)).sum(axis=1) + np.log(m * (1 - m))
    weight = np.exp(log - log.max())
    return Hyper(m, k, weight / weight.sum())


def pooled_rates(found: Floats, n: Floats, rng: np.random.Generator, *, draws: int = DRAWS) -> Floats:
    """Independent draws from the posterior of every group's rate (draw, group); a group without answers is drawn from what is common.

    The same draw of what is common serves all groups, so that differences between groups are draws as well.
    """
    return common_to(found, n).drawn(rng, draws=draws).rates(found, n, rng)


def largest_gap_by_chance(n: Floats, rate: float, rng: np.random.Generator, *, draws: int = DRAWS) -> Floats:
    """The largest gap between any two groups when all have this rate (draw): what looking at the widest one gives by itself.

    Parameters
    ----------
    n
        Answers per group; rounded to whole ones, at least one.
    """
    whole = np.maximum(np.round(n), 1).astype(np.int64)
    shares = rng.binomial(whole, rate, size=(draws, whole.size)) / whole
    gaps: Floats = shares.max(axis=1) - shares.min(axis=1)
    return gaps
