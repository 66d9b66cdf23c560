"""What a column about links means, in Dutch and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tegenkracht.core.feature import Availability, Direction, Risk
from tegenkracht.core.span import Span, in_window
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Description, Indicator
from tegenkracht.features.network.recipe import THROUGH_PARTIES, NetworkRecipe
from tegenkracht.features.space.dictionary import FINDING, Words

FAMILIES: Mapping[str, Text] = {"network": Text(nl="het netwerk", en="the network")}
"""What the families are called that no indicator gives a name."""

_LABELS: Mapping[str, tuple[str, str]] = {
    "degree": ("Aantal verschillende partijen ({nl})", "Number of different parties ({en})"),
    "shared": (
        "Aantal andere plaatsen met dezelfde partij ({nl})",
        "Number of other places with the same party ({en})",
    ),
    "component_size": (
        "Aantal plaatsen dat door partijen aan elkaar hangt ({nl})",
        "Number of places that hang together through parties ({en})",
    ),
    "finding_distance": (
        "Stappen tot een andere plaats met een eerdere bevinding ({nl})",
        "Steps to another place with an earlier finding ({en})",
    ),
    "operators": (
        "Aantal verschillende partijen na elkaar of samen ({nl})",
        "Number of different parties over time ({en})",
    ),
}
_MEANS: Mapping[str, tuple[str, str]] = {
    "degree": ("", ""),
    "shared": (" De plaats zelf telt niet mee.", " The place itself does not count."),
    "component_size": (
        " De plaats zelf telt mee: 1 is een plaats die met geen andere verbonden is.",
        " The place itself counts: 1 is a place that is connected to no other.",
    ),
    "operators": ("", ""),
}
_DIRECTIONS: Mapping[str, Direction] = {"finding_distance": "-", "operators": "+"}
_RISKS: Sequence[Risk] = ("low", "medium", "high")
_AVAILABILITIES: Sequence[Availability] = ("open", "licensed", "closed")


def words(recipe: NetworkRecipe, statistic: str, window: Span | None, description: Description) -> Words:
    """The entry of one column; of several roles the hardest to get, the riskiest and the easiest to change decides."""
    indicators = [description.link_roles[role] for role in _roles(recipe, statistic)]
    if statistic == "finding_distance":
        indicators.append(FINDING)
    label = _label(recipe, statistic, window, description)
    persons = any(description.link_roles[role].leads_to_person is not False for role in _roles(recipe, statistic))
    return Words(
        label=label,
        definition=_definition(recipe, statistic, label, indicators),
        subject=indicators[0].subject,
        source=", ".join(dict.fromkeys(indicator.source for indicator in indicators)),
        direction=_DIRECTIONS.get(statistic, "±"),
        proxy_risk=max((indicator.proxy_risk for indicator in indicators), key=_RISKS.index),
        manipulability=max(indicator.manipulability for indicator in indicators),
        availability=max((indicator.availability for indicator in indicators), key=_AVAILABILITIES.index),
        leads_to_person="always" if persons else "never",
    )


def parts(
    recipe: NetworkRecipe, statistic: str, window: Span | None, description: Description
) -> dict[str, tuple[str, str]]:
    """What fills a sentence about one column: the roles, the address, the window and the largest number of steps; Dutch and English."""
    labels = [description.link_roles[role].label for role in recipe.roles]
    most = "" if recipe.at_most is None else str(recipe.at_most)
    return {
        "label": (", ".join(label.nl for label in labels), ", ".join(label.en for label in labels)),
        "where": _at_address(recipe, statistic, description),
        "window": in_window(window),
        "most": (most, most),
    }


def _roles(recipe: NetworkRecipe, statistic: str) -> Iterable[str]:
    at_address = statistic == "operators" and recipe.address is not None
    return dict.fromkeys([*recipe.roles, *([recipe.address] if at_address and recipe.address is not None else [])])


def _label(recipe: NetworkRecipe, statistic: str, window: Span | None, description: Description) -> Text:
    nl, en = _LABELS[statistic]
    labels = [description.link_roles[role].label for role in recipe.roles]
    at_nl, at_en = _at_address(recipe, statistic, description)
    in_nl, in_en = in_window(window)
    return Text(
        nl=nl.format(nl=", ".join(label.nl for label in labels)) + at_nl + in_nl,
        en=en.format(en=", ".join(label.en for label in labels)) + at_en + in_en,
    )


def _at_address(recipe: NetworkRecipe, statistic: str, description: Description) -> tuple[str, str]:
    if statistic != "operators" or recipe.address is None:
        return "", ""
    label = description.link_roles[recipe.address].label
    return f" op hetzelfde adres ({label.nl})", f" at the same address ({label.en})"


def _definition(recipe: NetworkRecipe, statistic: str, label: Text, indicators: Sequence[Indicator]) -> Text:
    """The column in one sentence, the indicators' own definitions, what the number means, and which links do not count."""
    means_nl, means_en = _steps(recipe) if statistic == "finding_distance" else _MEANS[statistic]
    hubs_nl, hubs_en = _hubs(recipe, statistic)
    own_nl = " ".join(dict.fromkeys(indicator.definition.nl for indicator in indicators))
    own_en = " ".join(dict.fromkeys(indicator.definition.en for indicator in indicators))
    return Text(
        nl=f"{label.nl}. {own_nl}{means_nl}{hubs_nl} Alleen banden die toen bekend waren tellen mee.",
        en=f"{label.en}. {own_en}{means_en}{hubs_en} Only links that were known at the time count.",
    )


def _steps(recipe: NetworkRecipe) -> tuple[str, str]:
    return (
        " Eén stap is een gedeelde partij. De plaats zelf telt niet mee."
        f" {recipe.at_most} betekent: {recipe.at_most} of meer stappen, of niet verbonden.",
        " One step is a shared party. The place itself does not count."
        f" {recipe.at_most} means: {recipe.at_most} or more steps, or not connected.",
    )


def _hubs(recipe: NetworkRecipe, statistic: str) -> tuple[str, str]:
    if statistic == "operators" and recipe.address is not None:
        return (
            f" Adressen met meer dan {recipe.hub_limit} plaatsen tellen niet mee; zonder adres is dit onbekend.",
            f" Addresses with more than {recipe.hub_limit} places do not count; without an address this is missing.",
        )
    if statistic not in THROUGH_PARTIES:
        return "", ""
    return (
        f" Partijen met meer dan {recipe.hub_limit} plaatsen verbinden niets.",
        f" Parties with more than {recipe.hub_limit} places connect nothing.",
    )
