"""Made-up runs that look like real ones, each with its card and its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

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
    return facts_of("calendar")


@pytest.fixture(scope="session")
def replay() -> RunFacts:
    """A run of scheduled visits."""
    return facts_of("replay")


@pytest.fixture(scope="session")
def decision() -> RunFacts:
    """A run that states costs and a next round."""
    return facts_of("decision")


@pytest.fixture(scope="session")
def mitigated() -> RunFacts:
    """A run with mitigated models."""
    return facts_of("mitigated")


RUNS = {"calendar": calendar_facts, "replay": replay_facts, "decision": decision_facts, "mitigated": mitigated_facts}


@cache
def facts_of(run: str) -> RunFacts:
    """One of the runs; as files take turns on runs and languages, each run, card and page is made once and kept."""
    return RUNS[run]()


@cache
def card_of(run: str) -> Card:
    """The card of a run, as it comes back from its own `card.json`."""
    return Card.from_json(make_card(facts_of(run)).as_json())


@cache
def page_of(run: str, language: Language) -> str:
    """The card of a run as a page."""
    return render_html(card_of(run), language)


@pytest.fixture(scope="session", params=list(RUNS))
def run(request: pytest.FixtureRequest) -> str:
    """The name of each of the runs."""
    return request.param


@pytest.fixture(scope="session")
def facts(run: str) -> RunFacts:
    """Each of the runs."""
    return facts_of(run)


@pytest.fixture(scope="session")
def card(run: str) -> Card:
    """The card of each run."""
    return card_of(run)


@pytest.fixture(scope="session", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Each language."""
    return request.param


@pytest.fixture(scope="session")
def page(run: str, language: Language) -> str:
    """Each card as a page, in each language."""
    return page_of(run, language)


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
