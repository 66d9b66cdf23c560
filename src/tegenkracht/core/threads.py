"""How many threads the libraries below may use, so that their number decides no result."""

from __future__ import annotations

from threadpoolctl import threadpool_limits


def limited(threads: int) -> threadpool_limits:
    """Within this context trees take so many threads, and linear algebra takes one.

    Sums of linear algebra that threads divide among them differ in their last bits from those of one thread, and a difference of two shares that
    nearly cancel shows such a bit; libraries that take every core also wait for themselves on a busy machine.
    """
    return threadpool_limits({"openmp": threads, "blas": 1})
