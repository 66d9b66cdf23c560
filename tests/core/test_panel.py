"""A panel with a wrong column cannot be built."""

from __future__ import annotations

import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import KEYS, OUTCOME, PROCESS, Panel, PanelError
from tegenkracht.core.text import Text

WORDS = Text(nl="woord", en="word")


def _panel(*, features=("x",), audit=("wealth",), drop=(), row_ids=("a", "b"), of_area=(), **changed) -> Panel:
    columns = {*KEYS, *OUTCOME, *PROCESS, *features, *audit} - set(drop)
    rows = pd.DataFrame({column: [0.0] * len(row_ids) for column in sorted(columns)}).assign(row_id=list(row_ids))
    entries = tuple(
        Feature(name=name, label=WORDS, definition=WORDS, subject="area" if name in of_area else "place", source="s")
        for name in features
    )
    return Panel(rows=rows, features=entries, audit=audit, scheduled=False, identity="0", **changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"features": ("x", "wealth")},
            r"Columns \['wealth'\] are both feature and audit-only, key, outcome or process\. Remove them from `features`\.",
        ),
        ({"features": ("outcome",)}, r"Columns \['outcome'\] are both feature and"),
        ({"features": ("inspector",)}, r"Columns \['inspector'\] are both feature and"),
        ({"features": ("x", "x")}, r"Features \['x'\] are defined twice\. Rename one of each\."),
        (
            {"audit": ("wealth", "sector")},
            r"Audit attributes \['sector'\] have the name of a key, outcome or process column\. Give them another name in table `groups` and in `audit\.attributes`\.",
        ),
        ({"audit": ("channel",)}, r"Audit attributes \['channel'\] have the name of"),
        ({"audit": ("days_to_finding",)}, r"Audit attributes \['days_to_finding'\] have the name of"),
        ({"audit": ("wealth", "wealth")}, r"Audit attributes \['wealth'\] are named twice\. Name each once\."),
        ({"drop": ("known_until",)}, r"Columns \['known_until'\] are missing from the panel\."),
        ({"row_ids": ("a", "a")}, r"Column `row_id` has the same value twice\."),
    ],
)
def test_a_panel_that_breaks_its_rules_is_refused(changed, message):
    """Audit attributes, outcomes and the process can never be features; rows are unique."""
    with pytest.raises(PanelError, match=message):
        _panel(**changed)


def test_a_good_panel_knows_its_features():
    """Names in order, entries by name."""
    panel = _panel(features=("x", "y"))
    assert panel.feature_names == ("x", "y")
    assert panel.feature("y").monotone == 0


def test_a_figure_of_an_area_predicts_no_place():
    """It stays in the panel and is kept from models; where units are areas, it is a fact about them."""
    panel = _panel(features=("x", "vacancy", "y"), of_area=("vacancy",))
    assert (panel.predictors, panel.kept_out) == (("x", "y"), ("vacancy",))
    assert "vacancy" in panel.rows
    areas = _panel(features=("x", "vacancy"), of_area=("vacancy",), of_areas=True)
    assert (areas.predictors, areas.kept_out) == (("x", "vacancy"), ())
