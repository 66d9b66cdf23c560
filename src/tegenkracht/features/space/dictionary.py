"""What a column about the surroundings means, in Dutch and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tegenkracht.core.feature import OPPOSITE, Availability, Direction, Person, Risk, Subject
from tegenkracht.core.span import Span, in_window
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Description, Indicator
from tegenkracht.data.sector import read_sector, sectors
from tegenkracht.features.space.recipe import SpaceRecipe

FAMILIES: Mapping[str, Text] = {"surroundings": Text(nl="de omgeving", en="the surroundings")}
"""What the families are called that no indicator gives a name."""

FINDING = Indicator(
    label=Text(nl="bevinding bij een controle", en="finding of an inspection"),
    definition=Text(
        nl="Een eerdere controle met een bevinding; dit volgt ook waar men eerder controleerde.",
        en="An earlier inspection with a finding; this also follows where one looked before.",
    ),
    subject="business",
    source="inspections",
    availability="closed",
    direction="+",
    proxy_risk="high",
    manipulability=0,
)
_UNIT = Indicator(
    label=Text(nl="plaats of bedrijf", en="place or business"),
    definition=Text(nl="Een plaats of bedrijf in de lijst.", en="A place or business in the list."),
    subject="place",
    source="units",
    availability="open",
    direction="±",
    proxy_risk="high",
    manipulability=0,
)
_LABELS: Mapping[tuple[str, bool], tuple[str, str]] = {
    ("count", False): ("Aantal keer ‘{nl}’ {near_nl}", "Number of times ‘{en}’ {near_en}"),
    ("count", True): ("Aantal: {nl}, {near_nl}", "Number of: {en}, {near_en}"),
    ("density", False): ("Dichtheid van ‘{nl}’ in de omgeving", "Density of ‘{en}’ in the surroundings"),
    ("density", True): ("Dichtheid in de omgeving: {nl}", "Density in the surroundings: {en}"),
    ("distance", False): ("Afstand tot de dichtstbijzijnde ‘{nl}’", "Distance to the nearest ‘{en}’"),
    ("distance", True): ("Kleinste afstand tot: {nl}", "Smallest distance to: {en}"),
}
_KERNELS = {
    "gaussian": ("normale verdeling", "Gaussian kernel"),
    "epanechnikov": ("Epanechnikov", "Epanechnikov kernel"),
}
_HIGHER: Mapping[Risk, Risk] = {"low": "medium", "medium": "high", "high": "high"}


class Words(NamedTuple):
    """The parts of a dictionary entry that a recipe decides."""

    label: Text
    definition: Text
    subject: Subject
    source: str
    direction: Direction
    proxy_risk: Risk
    manipulability: int
    availability: Availability
    leads_to_person: Person = "never"


def words(recipe: SpaceRecipe, statistic: str, window: Span | None, description: Description) -> Words:
    """The entry of one column. Neighbours resemble each other, so that the proxy risk is a step higher than the indicator's own."""
    indicator = _indicator(recipe, description)
    label = _label(recipe, statistic, window, indicator)
    return Words(
        label=label,
        definition=_definition(recipe, statistic, label, indicator),
        subject="place",
        source="units" if recipe.of == "units" else f"{indicator.source} × units",
        direction=OPPOSITE[indicator.direction] if statistic == "distance" else indicator.direction,
        proxy_risk=_HIGHER[indicator.proxy_risk],
        manipulability=indicator.manipulability,
        availability=indicator.availability,
    )


def parts(recipe: SpaceRecipe, window: Span | None, description: Description) -> dict[str, tuple[str, str]]:
    """What fills a sentence about one column: what is looked for, how near, of which units, and in which window; Dutch and English."""
    label = _indicator(recipe, description).label
    near = _near(recipe) if recipe.within is not None or recipe.nearest is not None else ("", "")
    return {"label": (label.nl, label.en), "near": near, "units": _of_units(recipe), "window": in_window(window)}


def _indicator(recipe: SpaceRecipe, description: Description) -> Indicator:
    if recipe.kind is not None:
        return description.event_kinds[recipe.kind]
    return FINDING if recipe.of == "findings" else _UNIT


def _label(recipe: SpaceRecipe, statistic: str, window: Span | None, indicator: Indicator) -> Text:
    nl, en = _LABELS[statistic, recipe.of == "units"]
    near_nl, near_en = _near(recipe)
    within_nl, within_en = in_window(window)
    of_nl, of_en = _of_units(recipe)
    words = {"nl": indicator.label.nl, "en": indicator.label.en, "near_nl": near_nl, "near_en": near_en}
    return Text(nl=nl.format(**words) + of_nl + within_nl, en=en.format(**words) + of_en + within_en)


def _near(recipe: SpaceRecipe) -> tuple[str, str]:
    if recipe.nearest is not None:
        return f"bij de {recipe.nearest} dichtstbijzijnde andere", f"among the {recipe.nearest} nearest others"
    return f"binnen {recipe.within} meter", f"within {recipe.within} metres"


def _of_units(recipe: SpaceRecipe) -> tuple[str, str]:
    """Which units count: a sector that is described is called by its label, any other by its name in the table."""
    names = [_sector(recipe.sector)] if recipe.sector is not None else []
    names += [Text(nl=recipe.unit_kind, en=recipe.unit_kind)] if recipe.unit_kind is not None else []
    if not names:
        return "", ""
    return f" ({', '.join(name.nl for name in names)})", f" ({', '.join(name.en for name in names)})"


def _sector(name: str) -> Text:
    return read_sector(name).label if name in sectors() else Text(nl=name, en=name)


def _definition(recipe: SpaceRecipe, statistic: str, label: Text, indicator: Indicator) -> Text:
    """The column in one sentence, the indicator's own definition, how it is measured, and who does not count."""
    how_nl, how_en = _how(recipe, statistic)
    closed_nl, closed_en = _closed(recipe)
    return Text(
        nl=f"{label.nl}. {indicator.definition.nl}{how_nl} De plaats zelf telt niet mee.{closed_nl}"
        " Zonder coördinaten is dit onbekend.",
        en=f"{label.en}. {indicator.definition.en}{how_en} The place itself does not count.{closed_en}"
        " Without coordinates this is missing.",
    )


def _how(recipe: SpaceRecipe, statistic: str) -> tuple[str, str]:
    if statistic == "distance":
        return (
            " Hemelsbreed, in meters; onbekend zolang er nergens een is.",
            " As the crow flies, in metres; missing as long as there is none anywhere.",
        )
    if recipe.kernel is not None and statistic == "density":
        nl, en = _KERNELS[recipe.kernel]
        return (
            f" Per vierkante kilometer; wat dichterbij is telt zwaarder ({nl}, bandbreedte {recipe.bandwidth} meter).",
            f" Per square kilometre; what is closer weighs more ({en}, bandwidth {recipe.bandwidth} metres).",
        )
    return "", ""


def _closed(recipe: SpaceRecipe) -> tuple[str, str]:
    if recipe.closed:
        return " Ook wat intussen dicht is telt mee.", " What has closed since also counts."
    return " Alleen wat toen open was telt mee.", " Only what was open at the time counts."
