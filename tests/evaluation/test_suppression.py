"""Groups that are left out, so that none can be seen or worked out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tegenkracht.evaluation.suppression import too_small, too_small_cells, too_small_crossed


def test_nothing_is_left_out_when_all_are_large_enough():
    """Ten is enough."""
    assert not too_small(np.array([10, 11, 400]), minimum=10).any()


def test_two_small_groups_hide_each_other():
    """Their sum is known, neither of them is."""
    assert too_small(np.array([5, 6, 400]), minimum=10).tolist() == [True, True, False]


def test_an_empty_combination_hides_nothing():
    """A cell with nobody in it is no group."""
    assert not too_small_crossed(np.array([[0, 40], [30, 20]]), minimum=10).any()


@given(arrays(np.float64, st.integers(1, 6), elements=st.integers(0, 240).map(lambda quarters: quarters / 4)))
def test_no_step_has_just_one_cell_left_out(counts):
    """Every cell under ten is, an empty one too; what is shown is never enough to work one out."""
    hidden = too_small_cells(counts, minimum=10)
    assert hidden[counts < 10].all()
    assert hidden.sum() != 1 or counts.size == 1
    assert not hidden.any() or (counts < 10).any()


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 60)))
def test_no_row_or_column_has_just_one_cell_left_out(table):
    """Then that cell would be its total minus the rest; unless it is the only cell there."""
    hidden = too_small_crossed(table, minimum=10)
    assert hidden[(table > 0) & (table < 10)].all()
    for sizes, gone in [*zip(table, hidden, strict=True), *zip(table.T, hidden.T, strict=True)]:
        assert gone.sum() != 1 or (sizes > 0).sum() == 1
