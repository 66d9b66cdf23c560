"""Made-up runs that look like real ones, each with its card and its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

from .made_up.builders import CAPACITY, LEVEL
from .made_up.calendar import calendar_facts
from .made_up.decision import decision_facts
from .made_up.mitigation import mitigated_facts
from .made_up.replay import replay_facts


@pytest.fixture(scope="session")
def calendar() -> RunFacts:
    """A run of the synthetic study with a calendar."""
    return calendar_facts()


@pytest.fixture(scope="session")
def replay() -> RunFacts:
    """A run of scheduled visits."""
    return replay_facts()


@pytest.fixture(scope="session")
def decision() -> RunFacts:
    """A run that states costs and a next round."""
    return decision_facts()


@pytest.fixture(scope="session")
def mitigated() -> RunFacts:
    """A run with mitigated models."""
    return mitigated_facts()


RUNS = {"calendar": calendar_facts, "replay": replay_facts, "decision": decision_facts, "mitigated": mitigated_facts}


@pytest.fixture(scope="session", params=list(RUNS))
def facts(request: pytest.FixtureRequest) -> RunFacts:
    """Each of the runs."""
    return RUNS[request.param]()


@pytest.fixture(scope="session")
def card(facts: RunFacts) -> Card:
    """The card of each run, as it comes back from its own `card.json`."""
    return Card.from_json(make_card(facts).as_json())


@pytest.fixture(scope="session", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Each language."""
    return request.param


@pytest.fixture(scope="session")
def page(card: Card, language: Language) -> str:
    """Each card as a page, in each language."""
    return render_html(card, language)


@pytest.fixture
def with_estimates(calendar: RunFacts) -> Callable[..., RunFacts]:
    """The calendar run with other estimates."""
    return lambda *estimates: replace(calendar, estimates=estimates)


@pytest.fixture
def share() -> Callable[..., Estimate]:
    """A share of the main model's list, by method."""

    def made(
        method: str, value: float | None, low: float | None = None, high: float | None = None, n: int = 400
    ) -> Estimate:
        level = LEVEL if value is not None and low is not None else None
        at = f"capacity={CAPACITY}"
        return Estimate("lightgbm", "precision_at_capacity", value, low, high, n=n, method=method, level=level, at=at)

    return made
