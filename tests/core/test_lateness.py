"""Figures of lateness are as exact as they say."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from workflow.core.lateness import FINEST, bucket, merged, spread, upper

LENGTHS = st.lists(st.integers(0, 40 * 86_400_000_000), min_size=1, max_size=200)


def histogram(lengths: list[int]) -> dict[int, tuple[int, int]]:
    return merged({bucket(one): (1, one)} for one in lengths)


@given(st.integers(FINEST + 1, 4000 * 86_400_000_000))
def test_a_length_is_in_the_bucket_that_ends_no_more_than_9_percent_above_it(length: int) -> None:
    assert length <= upper(bucket(length)) + 1 <= length * 1.0906 + 2


@given(LENGTHS)
def test_a_figure_is_never_too_low_and_at_most_9_percent_too_high(lengths: list[int]) -> None:
    found = spread(histogram(lengths))
    ordered = sorted(lengths)

    assert found is not None
    assert (found.count, found.longest) == (len(lengths), timedelta(microseconds=ordered[-1]))
    for percent, figure in ((50, found.p50), (95, found.p95), (99, found.p99)):
        exact = ordered[-(-len(ordered) * percent // 100) - 1]
        said = figure // timedelta(microseconds=1)
        assert exact - 1 <= said <= max(exact * 1.0906 + 2, FINEST)


def test_histograms_put_together_are_the_histogram_of_everything() -> None:
    chance = Random(5)
    lengths = [chance.randrange(10**8) for _ in range(500)]

    assert merged([histogram(lengths[:200]), histogram(lengths[200:])]) == histogram(lengths)
    assert spread({}) is None
