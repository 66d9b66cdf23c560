"""Families that move together are explained together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tegenkracht.explanation.families import check_families, explained_together, family_estimates


def world(n: int = 2000) -> pd.DataFrame:
    """`a` and its family mate, `b` that says the same as `a` under another name, and `c` by itself."""
    rng = np.random.default_rng(1)
    a, mate, c = rng.normal(size=(3, n))
    return pd.DataFrame({"a": a, "mate": mate, "b": np.exp(a), "c": c})


def test_families_that_correlate_are_one_set(feature) -> None:
    """`exp(a)` has the rank correlation 1 with `a`: their families are joined, and `c` stays apart."""
    features = [feature("a", "one"), feature("mate", "one"), feature("b", "two"), feature("c", "three")]
    found = explained_together(world(), ["a", "mate", "b", "c"], features)
    assert found.families == {"one": ("one", "two"), "three": ("three",)}
    assert found.members == {"one": ("a", "mate", "b"), "three": ("c",)}
    assert found.alike == {("one", "two"): 1.0}
    finding = check_families("m", found)
    assert (finding.code, finding.verdict, finding.facts["correlation_ratio"]) == ("TK307", "found", 1.0)
    (estimate,) = family_estimates("m", found, n=2000)
    assert (estimate.at, estimate.value) == ("families=one+two", 1.0)
    assert finding.estimates == (estimate.id,)


def test_members_of_one_family_are_not_found_again(feature) -> None:
    """The dictionary already says that they belong together."""
    features = [feature("a", "one"), feature("b", "one"), feature("c", "three")]
    found = explained_together(world()[["a", "b", "c"]], ["a", "b", "c"], features)
    assert found.alike == {}
    assert check_families("m", found).verdict == "not_found"


def test_few_rows_and_words_say_nothing(feature) -> None:
    """Under a hundred rows no correlation is believed, and words have none."""
    features = [feature("a", "one"), feature("b", "two")]
    assert explained_together(world(60), ["a", "b"], features).alike == {}
    words = world().assign(b="x")
    assert explained_together(words, ["a", "b"], features).alike == {}
