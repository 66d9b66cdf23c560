"""Groups that are left out, so that none can be seen or worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tegenkracht.evaluation.suppression import (
    too_few,
    too_few_crossed,
    too_small,
    too_small_cells,
    too_small_crossed,
)


def test_nothing_is_left_out_when_all_are_large_enough():
    """Ten is enough."""
    assert not too_small(np.array([10, 11, 400]), minimum=10).any()


def test_two_small_groups_hide_each_other():
    """Their sum is known, neither of them is."""
    assert too_small(np.array([5, 6, 400]), minimum=10).tolist() == [True, True, False]


def test_an_empty_combination_hides_nothing():
    """A cell with nobody in it is no group."""
    assert not too_small_crossed(np.array([[0, 40], [30, 20]]), minimum=10).any()


def test_groups_that_are_few_together_take_the_next_with_them():
    """Three and four places: seven would follow from the total, so that twenty go too."""
    assert too_small(np.array([3, 4, 400, 20]), minimum=10).tolist() == [True, True, False, True]


@given(
    arrays(np.float64, st.integers(1, 6), elements=st.integers(0, 240).map(lambda quarters: quarters / 4)),
    st.data(),
)
def test_no_cell_of_a_step_follows_from_what_is_shown(counts, data):
    """From the total and what is shown every hidden cell may hold the minimum, and two answers fit; a share of all or of nothing tells no other cell.

    Unless every cell is hidden: then nothing but the total is shown.
    """
    elsewhere = data.draw(arrays(bool, counts.size))
    for first in (np.zeros(counts.size, bool), elsewhere):
        hidden = too_small_cells(counts, first, minimum=10)
        assert hidden[first | (counts < 10)].all()
        assert not hidden.any() or (first | (counts < 10)).any()
        if hidden.all() or not hidden.any():
            continue
        left = counts.sum() - counts[~hidden].sum()
        assert hidden.sum() >= 2
        assert left >= 10
        shares = counts[~hidden] / counts.sum()
        assert ((shares > 0) & (shares < 1)).all()


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([62.0, 0.0, 0.0], [True, True, True]),
        ([12.0, 3.0, 1.0], [True, True, True]),
        ([40.0, 12.0, 3.0, 1.0], [False, True, True, True]),
        ([40.0, 12.0, 6.0, 5.0], [False, False, True, True]),
    ],
)
def test_what_cells_hold_together_decides_which_others_go(counts, hidden):
    """All sixty-two of one group told that the others had none; of sixteen the twelve told that two hidden cells hold four."""
    assert too_small_cells(np.array(counts), np.zeros(len(counts), bool), minimum=10).tolist() == hidden


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 60)))
def test_no_row_or_column_has_just_one_cell_left_out(table):
    """Then that cell would be its total minus the rest; unless it is the only cell there."""
    hidden = too_small_crossed(table, minimum=10)
    assert hidden[(table > 0) & (table < 10)].all()
    for sizes, gone in [*zip(table, hidden, strict=True), *zip(table.T, hidden.T, strict=True)]:
        assert gone.sum() != 1 or (sizes > 0).sum() == 1
        assert not 0 < sizes[gone].sum() < 10 or (gone | (sizes == 0)).all()


@given(arrays(np.int64, 4, elements=st.integers(0, 60)), arrays(bool, 4))
def test_no_figure_can_be_worked_out_from_those_that_are_shown(base, hidden):
    """Of groups that are left out of a figure there are none, several, or all that it rests on; a group of which it rests on nothing hides nothing."""
    gone = too_few(base, hidden, minimum=10)
    assert gone[hidden | ((base > 0) & (base < 10))].all()
    assert gone.sum() != 1 or not (base[~gone] > 0).any()
    assert not 0 < base[gone].sum() < 10 or not (base[~gone] > 0).any()
    assert not (gone & ~hidden & (base == 0)).any()


def test_cells_of_few_visits_hide_others_of_their_row_and_column():
    """Three visits in one cell: one cell more of its row, one of its column, and the one that both leave."""
    base = np.array([[3.0, 40.0, 50.0], [30.0, 20.0, 60.0]])
    gone = too_few_crossed(base, np.zeros((2, 3), bool), minimum=10)
    assert gone.tolist() == [[True, True, False], [True, True, False]]
