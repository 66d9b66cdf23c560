"""What people declare about deciding with a list: what a visit costs, what they want to say of one place, and what the next round is for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.text import Text


class Costs(BaseModel):
    """What a visit costs and what a finding is worth, all in one unit that the study names: key `review.costs`.

    A visit that finds nothing costs the visitor `visit` and the visited `harm`; one that finds something brings `finding` less `visit`. These are
    choices of the people who answer for them; every figure made with them is only as good as that choice.

    Parameters
    ----------
    unit
        What is counted: hours of work, euros.
    visit, finding, harm
        Cost of a visit, value of a finding, and harm of a visit that finds nothing to those who are visited. A finding is worth more than a visit costs.
    weights
        Other weights of an empty visit to look at, in parts of what a find brings, ascending: 0.05 means that twenty empty visits outweigh one find.
    why
        Who set them, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Text
    visit: float = Field(ge=0)
    finding: float = Field(gt=0)
    harm: float = Field(ge=0)
    weights: tuple[float, ...] = Field(min_length=1)
    why: Text

    @model_validator(mode="after")
    def _in_order(self) -> Costs:
        if self.finding <= self.visit:
            raise ValueError(f"a finding is worth {self.finding:g} and a visit costs {self.visit:g}: no list can pay")
        if self.weights[0] < 0 or list(self.weights) != sorted(set(self.weights)):
            raise ValueError(f"weights: {list(self.weights)} must be zero or more and ascend; put them in order.")
        return self

    @property
    def weight(self) -> float:
        """What an empty visit costs, in parts of what a find brings."""
        return (self.visit + self.harm) / (self.finding - self.visit)

    @property
    def every_weight(self) -> tuple[float, ...]:
        """Weights to look at, with the stated one among them."""
        return tuple(sorted({*self.weights, self.weight}))


def break_even(weight: float) -> float:
    """Share of visits that must find something before a list is worth more than no visits.

    Examples
    --------
    >>> break_even(0.25)
    0.2
    """
    return weight / (1 + weight)


class NextRound(BaseModel):
    """The next round of visits: key `review.next_round`.

    Parameters
    ----------
    random_share
        Share of the visits that will be drawn by lot among all places that are not on the list.
    shares
        Shares to compare, ascending.
    half_width
        How far the interval of the prevalence may reach to each side, as a share.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    random_share: float = Field(ge=0, lt=1)
    shares: tuple[float, ...] = Field(min_length=1)
    half_width: float = Field(gt=0, lt=0.5)

    @model_validator(mode="after")
    def _in_order(self) -> NextRound:
        if not 0 <= self.shares[0] <= self.shares[-1] < 1 or list(self.shares) != sorted(set(self.shares)):
            raise ValueError(f"shares: {list(self.shares)} must ascend from 0 to below 1, each once.")
        return self

    @property
    def every_share(self) -> tuple[float, ...]:
        """Shares to compare, with the declared one among them."""
        return tuple(sorted({*self.shares, self.random_share}))


class SinglePlace(BaseModel):
    """Two chances for each flagged place: key `evaluate.single`.

    Parameters
    ----------
    wider_than
        The model abstains about a place whose two chances lie further apart than this.
    minimum
        Visited rows with a settled outcome that earlier test periods must have before any band is given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wider_than: float = Field(gt=0, le=1)
    minimum: int = Field(ge=30)
