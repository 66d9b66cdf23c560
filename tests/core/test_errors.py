"""An error names the place, what is wrong and the way out."""

from __future__ import annotations

from tegenkracht.core.errors import InputError, Problem


def test_a_problem_with_rows_shows_the_first_five():
    """File, rows as a person counts them, column, what, way out."""
    problem = Problem(
        "events.parquet",
        "known_on lies before occurred_on.",
        "Correct the rows.",
        "known_on",
        (1, 2, 3, 4, 5, 1204),
        1204,
    )
    assert (
        str(problem)
        == "events.parquet, rows 1, 2, 3, 4, 5 and 1,199 more, column `known_on`: known_on lies before occurred_on. Correct the rows."
    )


def test_all_problems_stand_in_one_message():
    """Nobody has to correct a file one error at a time."""
    error = InputError([Problem("a", "x.", "y."), Problem("b", "x.", "y.")])
    assert str(error) == "a: x. y.\nb: x. y."
    assert error.exit_code == 2
