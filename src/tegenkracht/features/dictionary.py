"""The dictionary entry of a column: what it means, in Dutch and English, made from the indicator's own words."""

from __future__ import annotations

from collections.abc import Mapping

from tegenkracht.core.feature import OPPOSITE, Direction, Feature, Person
from tegenkracht.core.span import in_window
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Description, Indicator
from tegenkracht.features import network, space
from tegenkracht.features.column import Column, columns_of
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, Scope, VisitRecipe
from tegenkracht.features.space import SpaceRecipe

VISIT = Indicator(
    label=Text(nl="controle", en="inspection"),
    definition=Text(nl="Een eerder bezoek door een controleur.", en="An earlier visit by an inspector."),
    subject="business",
    source="inspections",
    availability="closed",
    direction="±",
    proxy_risk="medium",
    manipulability=0,
)
TENURE = Indicator(
    label=Text(nl="tijd sinds de opening", en="time since opening"),
    definition=Text(nl="Aantal dagen sinds de opening.", en="Number of days since opening."),
    subject="business",
    source="units",
    availability="open",
    direction="±",
    proxy_risk="medium",
    manipulability=1,
)
LEGAL_FORM = Indicator(
    label=Text(nl="rechtsvorm", en="legal form"),
    definition=Text(nl="De rechtsvorm volgens het register.", en="The legal form in the register."),
    subject="business",
    source="units",
    availability="open",
    direction="±",
    proxy_risk="medium",
    manipulability=1,
)
_LABELS: Mapping[str, tuple[str, str]] = {
    "count": ("Aantal keer ‘{nl}’", "Number of times ‘{en}’"),
    "sum": ("Som van ‘{nl}’", "Sum of ‘{en}’"),
    "mean": ("Gemiddelde van ‘{nl}’", "Mean of ‘{en}’"),
    "min": ("Laagste waarde van ‘{nl}’", "Lowest value of ‘{en}’"),
    "max": ("Hoogste waarde van ‘{nl}’", "Highest value of ‘{en}’"),
    "last": ("Laatste waarde van ‘{nl}’", "Last value of ‘{en}’"),
    "days_since_last": ("Tijd sinds de laatste ‘{nl}’", "Time since the last ‘{en}’"),
    "finding_count": ("Aantal controles met een bevinding", "Number of inspections with a finding"),
    "finding_share": ("Deel van de controles met een bevinding", "Share of inspections with a finding"),
    "previous_finding": ("Vorige controle had een bevinding", "Previous inspection had a finding"),
    "tenure": ("Tijd sinds de opening", "Time since opening"),
    "trend": ("Toename van ‘{nl}’: nieuwere helft min oudere helft", "Rise of ‘{en}’: newer half minus older half"),
    "share": ("Deel van alle gebeurtenissen dat ‘{nl}’ is", "Share of all events that is ‘{en}’"),
    "distinct": ("Aantal verschillende waarden van ‘{nl}’", "Number of different values of ‘{en}’"),
    "change": ("Verandering: {nl}", "Change: {en}"),
    "legal_form": ("Rechtsvorm: {form}", "Legal form: {form}"),
    "latest": ("Laatste cijfer: {nl}", "Latest figure: {en}"),
    "given": ("{nl}", "{en}"),
}
SCOPES: Mapping[Scope, tuple[str, str]] = {
    "unit": ("", ""),
    "cluster": (" bij de andere plaatsen in hetzelfde cluster", " at the other places in the same cluster"),
    "area": (" bij de andere plaatsen in hetzelfde gebied", " at the other places in the same area"),
}
"""Whose facts a windowed column is about, after its label."""
_RISES = ("finding_count", "finding_share", "previous_finding")


def feature_of(column: Column, description: Description) -> Feature:
    """The entry of one planned column."""
    recipe = column.recipe
    if isinstance(recipe, SpaceRecipe | NetworkRecipe):
        words = (
            space.words(recipe, column.statistic, column.window, description)
            if isinstance(recipe, SpaceRecipe)
            else network.words(recipe, column.statistic, column.window, description)
        )
        window = str(column.window) if column.window else ""
        return Feature(name=column.name, window=window, family=column.family, **words._asdict())
    if column.statistic == "missing":
        return _flag(column, description)
    indicator = indicator_of(column.recipe, column.name, description)
    label = _label(column, indicator)
    return Feature(
        name=column.name,
        label=label,
        definition=_definition(column, label, indicator),
        subject=indicator.subject,
        source=indicator.source,
        window=str(column.window) if column.window else "",
        family=column.family,
        availability=indicator.availability,
        direction=_direction(column, indicator),
        proxy_risk=indicator.proxy_risk,
        manipulability=indicator.manipulability,
        leads_to_person=_person(column, indicator),
    )


def _flag(column: Column, description: Description) -> Feature:
    """The entry of a column that tells where another is missing: it claims no direction."""
    name = column.name.removesuffix("_missing")
    of = next(other for other in columns_of([column.recipe]) if other.name == name)
    entry = feature_of(of, description)
    label = Text(nl=f"Niet bekend: {entry.label.nl}", en=f"Not known: {entry.label.en}")
    definition = Text(
        nl=f"Ja als dit niet bekend is. {entry.definition.nl}", en=f"Yes when this is not known. {entry.definition.en}"
    )
    return entry.model_copy(update={"name": column.name, "label": label, "definition": definition, "direction": "±"})


def family_labels(description: Description) -> dict[str, Text]:
    """What families of columns are called: the labels of event kinds, measures and given columns, and of visits and tenure."""
    declared = {**description.event_kinds, **description.measures, **description.given_columns}
    return {
        **{name: indicator.label for name, indicator in declared.items()},
        "visit": VISIT.label,
        "tenure": TENURE.label,
        "legal_form": LEGAL_FORM.label,
        **space.FAMILIES,
        **network.FAMILIES,
    }


def indicator_of(recipe: Recipe, name: str, description: Description) -> Indicator:
    """The indicator that a recipe's column is made from."""
    if isinstance(recipe, EventRecipe):
        return description.event_kinds[recipe.kind]
    if isinstance(recipe, VisitRecipe):
        return VISIT
    if isinstance(recipe, AreaRecipe):
        return description.measures[recipe.measure]
    if isinstance(recipe, GivenRecipe):
        return description.given_columns[name]
    return TENURE if name == "tenure_days" else LEGAL_FORM


def _label(column: Column, indicator: Indicator) -> Text:
    nl, en = _LABELS["legal_form" if column.family == "legal_form" else column.statistic]
    words = {"nl": indicator.label.nl, "en": indicator.label.en, "form": column.statistic}
    of_nl, of_en = SCOPES[column.scope]
    in_nl, in_en = in_window(column.window)
    return Text(nl=nl.format(**words) + of_nl + in_nl, en=en.format(**words) + of_en + in_en)


def _definition(column: Column, label: Text, indicator: Indicator) -> Text:
    """The column in one sentence, then the indicator's own definition, then what was done to it."""
    change_nl, change_en = _change(column.recipe)
    if column.statistic in ("given", "tenure"):
        return Text(nl=indicator.definition.nl + change_nl, en=indicator.definition.en + change_en)
    return Text(
        nl=f"{label.nl}. {indicator.definition.nl}{change_nl}", en=f"{label.en}. {indicator.definition.en}{change_en}"
    )


def _change(recipe: Recipe) -> tuple[str, str]:
    if isinstance(recipe, GivenRecipe) and recipe.at_most is not None:
        return f" Hoogstens {recipe.at_most:g}.", f" At most {recipe.at_most:g}."
    if isinstance(recipe, GivenRecipe) and recipe.above is not None:
        return f" Ja als het meer is dan {recipe.above:g}.", f" Yes when it is more than {recipe.above:g}."
    return "", ""


def _person(column: Column, indicator: Indicator) -> Person:
    """Earlier findings at the business of one person are findings about that person."""
    if indicator.leads_to_person:
        return "always"
    return "sole_trader" if column.statistic in _RISES and column.scope == "unit" else "never"


def _direction(column: Column, indicator: Indicator) -> Direction:
    """More days since the last is less of it; earlier findings are more reason to look."""
    if column.statistic in _RISES:
        return "+"
    if column.statistic in ("trend", "share", "distinct", "change"):
        return "±"
    return OPPOSITE[indicator.direction] if column.statistic == "days_since_last" else indicator.direction
