"""What a study asks of the links between units and parties."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.span import Span, Window
from tegenkracht.data.dictionary import Name

NetworkStatistic = Literal["degree", "shared", "component_size", "finding_distance", "operators"]
WINDOWED = ("finding_distance", "operators")
"""Statistics that look back over `windows`; the others are of the date itself."""
THROUGH_PARTIES = ("shared", "component_size", "finding_distance")
"""Statistics that go from unit to unit through a party, and need to know which parties are too common for that."""


class NetworkRecipe(BaseModel):
    """How a unit is tied to others by its parties in some roles, by the links that were known.

    `degree`: different parties. `shared`: other units with a party in common. `component_size`: units that hang together, itself included.
    `finding_distance`: steps from unit to unit to the nearest other one with an earlier known finding. `operators`: different parties within a
    window, of the unit or at its address (a takeover chain).

    Parameters
    ----------
    name
        What the columns begin with; None is the role when there is one, and `network` otherwise.
    roles
        The roles that make a link; for `operators` those of whoever runs the place.
    hub_limit
        Parties with more units than this tie nothing together: the address of a notary is nobody's network.
    at_most
        For `finding_distance`: the number of steps after which all is equally far; unreachable is that too.
    address
        For `operators`: the role of the address at which they are counted; None counts those of the unit itself.
    windows
        How far back findings and operators count.

    Examples
    --------
    >>> recipe = NetworkRecipe.model_validate(
    ...     {"from": "links", "roles": ["director"], "statistics": ["operators"], "windows": ["36 months"]}
    ... )
    >>> recipe.prefix
    'director'

    In YAML::

        - {from: links, roles: [shop_director], statistics: [degree, shared], hub_limit: 50}
        - {from: links, roles: [shop_director], statistics: [operators], windows: [36 months]}
        - {from: links, roles: [shop_director], address: shop_address, statistics: [operators], windows: [36 months], hub_limit: 50}
        - {from: links, roles: [shop_director, shop_owner], statistics: [component_size, finding_distance], windows: [all], hub_limit: 50, at_most: 4}
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    source: Literal["links"] = Field(alias="from")
    name: Name | None = None
    roles: tuple[Name, ...] = Field(min_length=1)
    statistics: tuple[NetworkStatistic, ...] = Field(min_length=1)
    hub_limit: int | None = Field(default=None, ge=2)
    at_most: int | None = Field(default=None, ge=2, le=100)
    address: Name | None = None
    windows: tuple[Window, ...] = ()

    @property
    def prefix(self) -> str:
        """What the columns begin with."""
        return self.name or (self.roles[0] if len(self.roles) == 1 else "network")

    def spans_of(self, statistic: str) -> tuple[Span | None, ...]:
        """The windows of one statistic; one that is of the date itself has none."""
        return self.windows if statistic in WINDOWED else (None,)

    @model_validator(mode="after")
    def _belongs(self) -> NetworkRecipe:
        asked = set(self.statistics)
        if bool(asked & set(WINDOWED)) != bool(self.windows):
            raise ValueError(f"`windows` belongs to {' and '.join(WINDOWED)}, and only to those")
        if (bool(asked & set(THROUGH_PARTIES)) or self.address is not None) != (self.hub_limit is not None):
            raise ValueError(f"`hub_limit` belongs to {', '.join(THROUGH_PARTIES)} and `address`, and only to those")
        if ("finding_distance" in asked) != (self.at_most is not None):
            raise ValueError("`at_most` (steps) belongs to finding_distance, and only to that")
        if self.address is not None and "operators" not in asked:
            raise ValueError("`address` says where operators are counted; it belongs to operators, and only to that")
        return self
