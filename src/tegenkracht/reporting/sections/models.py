"""The models of a study: what one sees, what it is called in a sentence, and its mark in a figure."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.panel import PROCESS
from tegenkracht.reporting.facts import ModelFacts, RunFacts
from tegenkracht.reporting.tree import Shape
from tegenkracht.reporting.wording import Words, fact, say
from tegenkracht.reporting.words.catalogue import has


def knows_only_the_process(model: ModelFacts) -> bool:
    """Whether a model sees nothing but who inspects, how a visit came about and how often somebody came."""
    columns = model.columns
    return columns == "process" if isinstance(columns, str) else bool(columns) and set(columns) <= set(PROCESS)


def model_words(facts: RunFacts, name: str) -> Words:
    """A model in the middle of a sentence: a plain word for the ones that everybody knows, else its label."""
    key = f"shorts.{facts.models[name].kind}"
    return say(key) if has(key) else say("shorts.quoted", model=fact(f"model.{name}.label"))


def shape_of(estimate: Estimate, *, main: bool, settled: bool) -> Shape:
    """The mark of a model: hollow when it rests only on places where somebody went."""
    if not main:
        return "reference"
    return "main" if settled or estimate.method in ("replay", "weighted") else "hollow"
