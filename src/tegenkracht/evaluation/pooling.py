"""Rates of many groups at once: small groups lean on what groups have in common, and the leaning itself is uncertain.

Groups' rates come from one Beta distribution whose middle and width are not known. The posterior of these two is laid out on a grid, so that
nothing is sampled by a chain; fixing them at their best value (empirical Bayes) gives intervals that are too narrow when groups are few.
Gelman et al., Bayesian Data Analysis, 3rd edition, 2013, section 5.3; the prior on the width is Christiansen & Morris 1997, section 2 (JASA 92).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, expit, logit

from tegenkracht.evaluation.binomial import binomial
from tegenkracht.evaluation.interpolation import interpolated

Floats = NDArray[np.float64]

DRAWS = 4_000
"""Posterior draws of each rate: the end of an interval moves by a thirtieth of its length from one seed to another."""
_MIDDLES, _WIDTHS = 61, 41
_AT_THE_EDGE = 1e-4
_STRETCH = 1.25  # of a logarithm; the nearest point where a gamma function has no value lies pi away
_SPLIT = 12


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
        below = self.weight.cumsum()
        chances = rng.random(draws)
        order = np.argsort(chances)  # what is looked up in order is found sooner
        point = np.empty(draws, np.int64)
        point[order] = np.searchsorted(below / below[-1], chances[order], side="right")
        return Drawn(self.middle[point] * self.size[point], (1 - self.middle[point]) * self.size[point])


@dataclass(frozen=True)
class Foretold:
    """What others say of one group before it is looked at.

    Parameters
    ----------
    shares
        Draws of the share that would be counted in it (draw).
    chance
        How often a share at least as far out would be counted, both ways together; half of what is as likely is counted (mid-p).
    """

    shares: Floats
    chance: float


@dataclass(frozen=True)
class Drawn:
    """Draws of the Beta distribution that groups' rates come from: its two parameters (draw)."""

    a: Floats
    b: Floats

    def rates(self, found: Floats, n: Floats, rng: np.random.Generator) -> Floats:
        """Rates of groups with so many of so many (draw, group); a group without answers is drawn from what is common."""
        out: Floats = rng.beta(self.a[:, None] + found, self.b[:, None] + n - found)
        return out

    def leaning(self, n: Floats) -> Floats:
        r"""How much of each group's rate is what is common (draw, group): :math:`\kappa/(\kappa+n)`, 0 not at all and 1 entirely."""
        size = (self.a + self.b)[:, None]
        out: Floats = size / (size + n)
        return out

    @property
    def spread(self) -> Floats:
        """The standard deviation of groups' rates (draw)."""
        size, middle = self.a + self.b, self.middle
        out: Floats = np.sqrt(middle * (1 - middle) / (size + 1))
        return out

    @property
    def middle(self) -> Floats:
        """The mean of groups' rates (draw)."""
        out: Floats = self.a / (self.a + self.b)
        return out

    def foretold(self, found: float, n: float, rng: np.random.Generator) -> Foretold:
        """What is counted in a group of `n` answers of which nothing else is known, and how far out `found` of them is."""
        rate = np.clip(rng.beta(self.a, self.b), 1e-12, 1 - 1e-12)
        whole = max(round(n), 1)
        middle = float(_mid_p(found, n, rate).mean())
        shares = binomial(np.array(whole), rate, rng, shape=rate.shape) / whole
        return Foretold(shares, min(1.0, 2 * min(middle, 1 - middle)))


def common_to(found: Floats, n: Floats) -> Hyper:
    r"""Posterior of the Beta distribution that groups' rates come from.

    A priori the middle is uniform, and the size :math:`\kappa` has density :math:`c/(c+\kappa)^2` with `c` the harmonic mean of the groups'
    `n`: how much a typical group leans on the others, :math:`\kappa/(c+\kappa)`, is uniform between not at all and entirely.

    Parameters
    ----------
    found, n
        Per group, how many of how many; need not be whole numbers. Groups without answers say nothing.
    """
    return _around(*_with_answers(found, n), _MIDDLES).hyper()


def without_each(found: Floats, n: Floats) -> list[Hyper]:
    """What the other groups have in common, for each group in turn: what it adds to the log-posterior is taken away again.

    The prior on the size stays that of all groups. Where a group moves the posterior so far that it leaves the grid, the others are laid out anew.

    Parameters
    ----------
    found, n
        Per group, how many of how many; every group has answers.

    Raises
    ------
    ValueError
        When a group has no answers, or there are fewer than two.
    """
    if n.size < 2 or not (n > 0).all():
        raise ValueError("Leaving out one group needs two groups or more, each with answers.")
    laid_out = _around(found, n, 2 * _MIDDLES)
    out = []
    for group in range(n.size):
        hyper = laid_out.without(group)
        edges = hyper.weight.reshape(2 * _MIDDLES, _WIDTHS)[[0, -1]].sum()
        others = np.arange(n.size) != group
        out.append(hyper if edges < _AT_THE_EDGE else common_to(found[others], n[others]))
    return out


def _mid_p(found: float, n: float, rate: Floats) -> Floats:
    """The chance of fewer than so many of `n` and half of that of just as many, for each rate; smooth, so that not every rate need be asked."""

    def chance(log_odds: Floats) -> Floats:
        rate = expit(log_odds)
        return (_at_most(found - 1, n, rate) + _at_most(found, n, rate)) / 2

    width = 1.2 / np.sqrt(1 + n * float((rate * (1 - rate)).max()))
    return interpolated(chance, logit(rate), width=width)


def _at_most(found: float, n: float, rate: Floats) -> Floats:
    """The chance of at most so many of `n`, for each rate; between whole numbers it runs on smoothly (the incomplete beta function)."""
    if found < 0:
        return np.zeros_like(rate)
    out: Floats = np.ones_like(rate) if found >= n else betainc(n - found, found + 1, 1 - rate)
    return out


def _with_answers(found: Floats, n: Floats) -> tuple[Floats, Floats]:
    return found[n > 0], n[n > 0]


def _around(found: Floats, n: Floats, middles: int) -> _LaidOut:
    """The posterior laid out around where its middle is."""
    total = max(float(n.sum()), 1.0)
    overall = float(np.clip(found.sum() / total, 0.5 / total, 1 - 0.5 / total))
    # The middle is laid out on the log-odds: first as wide as six answers leave it, then around where its posterior is.
    rough = _laid_out(found, n, centre=float(logit(overall)), reach=6.0, middles=_MIDDLES).hyper()
    log_odds = logit(rough.middle)
    centre = float((rough.weight * log_odds).sum())
    spread = float(np.sqrt((rough.weight * (log_odds - centre) ** 2).sum()))
    return _laid_out(
        found, n, centre=centre, reach=max(5 * spread, 12.0 / _MIDDLES) * middles / _MIDDLES, middles=middles
    )


@dataclass(frozen=True)
class _LaidOut:
    """A grid of middles and sizes with the logarithm of the prior (point) and what groups have found of how many."""

    middle: Floats
    size: Floats
    prior: Floats
    found: Floats
    n: Floats

    @cached_property
    def said(self) -> Floats:
        """The logarithm of what each group says (point, group)."""
        return self._said(lambda rising: rising)

    def hyper(self) -> Hyper:
        """The posterior of all groups."""
        return self._weighed(self.prior + self._said(lambda rising: rising.sum(axis=1)))

    def without(self, group: int) -> Hyper:
        """The posterior of all groups but one."""
        return self._weighed(self._all - self.said[:, group])

    @cached_property
    def _all(self) -> Floats:
        out: Floats = self.prior + self.said.sum(axis=1)
        return out

    def _weighed(self, log: Floats) -> Hyper:
        weight = np.exp(log - log.max())
        return Hyper(self.middle, self.size, weight / weight.sum())

    def _said(self, of_groups: Callable[[Floats], Floats]) -> Floats:
        r"""What is made of the logarithms of :math:`B(a+f, b+n-f)/B(a, b)` (point, group): of three parts, of which each depends on one number."""

        def rising(base: Floats, more: Floats) -> Floats:
            return interpolated(lambda x: of_groups(log_rising(np.exp(x)[:, None], more)), np.log(base), width=_STRETCH)

        a, b = self.middle * self.size, (1 - self.middle) * self.size
        of_size = of_groups(log_rising(self.size[:_WIDTHS, None], self.n))[np.arange(a.size) % _WIDTHS]
        return rising(a, self.found) + rising(b, self.n - self.found) - of_size


def _laid_out(found: Floats, n: Floats, *, centre: float, reach: float, middles: int) -> _LaidOut:
    """The posterior on a grid of middles, so far from a centre in log-odds, and of sizes."""
    c = n.size / (1 / n).sum() if n.size else 1.0
    lean = (np.arange(_WIDTHS) + 0.5) / _WIDTHS
    middle = np.clip(expit(centre + np.linspace(-reach, reach, middles)), 1e-9, 1 - 1e-9)
    m, k = (part.ravel() for part in np.meshgrid(middle, c * lean / (1 - lean), indexing="ij"))
    return _LaidOut(m, k, np.log(m * (1 - m)), found, n)


def log_rising(base: Floats, more: Floats) -> Floats:
    r"""The logarithm of :math:`\Gamma(x+y)/\Gamma(x)`, without the digits that the difference of two large logarithms loses.

    Twelve factors :math:`(x+y+i)/(x+i)` are split off, and for what is left Stirling's series (Abramowitz & Stegun 1964, 6.1.40) gives each part of the
    difference as it is.

    Examples
    --------
    >>> log_rising(np.array([3.0]), np.array([2.0])).round(12).tolist() == [round(float(np.log(3 * 4)), 12)]
    True
    """
    low, high = base + _SPLIT, base + more + _SPLIT
    left = (low - 0.5) * np.log1p(more / low) + more * (np.log(high) - 1)
    out: Floats = left + (_stirling(high) - _stirling(low)) - np.log(_factors(base + more) / _factors(base))
    return out


def _factors(x: Floats) -> Floats:
    """The product of `x` to `x + 11`, two by two from both ends."""
    pair = x * (x + (_SPLIT - 1))
    out = pair.copy()
    for i in range(1, _SPLIT // 2):
        out *= pair + i * (_SPLIT - 1 - i)
    return out


def _stirling(x: Floats) -> Floats:
    """What Stirling's series adds to the logarithm of the gamma function, from `_SPLIT` on."""
    over, square = 1 / x, 1 / (x * x)
    return over * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))


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
    shares = binomial(whole, np.array(rate), rng, shape=(draws, whole.size)) / whole
    gaps: Floats = shares.max(axis=1) - shares.min(axis=1)
    return gaps
