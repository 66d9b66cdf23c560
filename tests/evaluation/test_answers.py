"""What the shares of groups are worth: by hand, and as often as repeated draws say."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.answers import answers_of


def one_group(yes, *, cluster=None, once=None, weight=None):
    """Answers of one group; each its own cluster, looked at once and of weight 1 unless said otherwise."""
    line = np.arange(len(yes))
    return answers_of(
        group=0 * line,
        groups=1,
        cluster=line if cluster is None else np.array(cluster),
        once=line if once is None else np.array(once),
        yes=np.array(yes, float),
        weight=np.ones(line.size) if weight is None else np.array(weight, float),
    )


def test_independent_answers_are_worth_their_number():
    """Ten answers of ten places, three of them yes."""
    told = one_group([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert (told.share[0], told.worth[0], told.count[0]) == (pytest.approx(0.3), pytest.approx(10), 10)


def test_weights_that_differ_are_worth_less():
    """Weights 4, 1 and 1: (4 + 1 + 1) squared over 16 + 1 + 1 is 2 (Kish 1965)."""
    told = one_group([1, 0, 0], weight=[4, 1, 1])
    assert told.share[0] == pytest.approx(4 / 6)
    assert told.worth[0] == pytest.approx(2)


def test_the_same_thing_looked_at_twice_is_one_answer():
    """Two places, each on two lists: two answers, whatever the number of lines."""
    assert one_group([1, 1, 0, 0], cluster=[0, 0, 1, 1], once=[0, 0, 1, 1]).worth[0] == pytest.approx(2)


def test_strips_that_are_all_alike_are_worth_one_answer_each():
    """Twenty strips of five, of which half find everywhere and half nowhere: twenty answers."""
    cluster = np.repeat(np.arange(20), 5)
    assert one_group((cluster % 2).astype(float), cluster=cluster).worth[0] == pytest.approx(20)


def test_how_alike_strips_are_is_by_hand():
    """Four strips of two with 2, 1, 1 and 0 yes: strips move 4/3 x 2, independent answers 8/7 x 2, and all alike 2 more; so 4/21, and 8 of 1 + 4/21."""
    told = one_group([1, 1, 1, 0, 1, 0, 0, 0], cluster=[0, 0, 1, 1, 2, 2, 3, 3])
    alike = (4 / 3 * 2 - 8 / 7 * 2) / 2
    assert alike == pytest.approx(4 / 21)
    assert told.worth[0] == pytest.approx(8 / (1 + alike))


def test_how_alike_strips_are_serves_all_groups():
    """Strips are wholly alike in the first group: a second group with one strip is worth one answer, and one of ten single places ten."""
    cluster = np.r_[np.repeat(np.arange(20), 5), np.full(10, 20), 21 + np.arange(10)]
    group = np.repeat([0, 1, 2], [100, 10, 10])
    yes = np.r_[(np.repeat(np.arange(20), 5) % 2).astype(float), np.tile([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 2)]
    told = answers_of(group=group, groups=4, cluster=cluster, once=np.arange(120), yes=yes, weight=np.ones(120))
    assert told.worth == pytest.approx(np.array([20, 1, 10, 0]))
    assert (told.share[3], told.count[3]) == (0, 0)


def test_what_answers_are_worth_is_what_repeated_draws_say():
    """Six groups of thirty strips with effects: the variance of shares over two thousand worlds, to fifteen in a hundred."""
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(180), 8)
    group = cluster // 30
    shares, worths = [], []
    for _ in range(2_000):
        rate = rng.beta(2, 18, 180)[cluster]
        told = answers_of(
            group=group,
            groups=6,
            cluster=cluster,
            once=np.arange(cluster.size),
            yes=(rng.random(cluster.size) < rate).astype(float),
            weight=np.ones(cluster.size),
        )
        shares.append(told.share)
        worths.append(told.worth)
    assert np.mean(worths) == pytest.approx(0.1 * 0.9 / np.var(shares, axis=0).mean(), rel=0.15)
