"""How long does a crew that is at work still need?

Times on site are taken as lognormal: the longer a repair has lasted, the longer it is expected to
last still. What is left follows the same law, cut off at the time already spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LEAST_SECONDS = 1.0


def mean_left(spent: Floats, mean: Floats, sigma: Floats) -> Floats:
    """Return the seconds for which repairs are still expected to last, given the seconds spent.

    `mean` is the mean of the law in seconds, `sigma` the deviation of its logarithm. This is the
    mean residual life of the lognormal law: E[T; T > s] ÷ P(T > s) - s.
    """
    spent = np.maximum(spent, _LEAST_SECONDS)
    score = _score(spent, mean, sigma)
    # Logarithms, because both tails vanish for a repair that has lasted for days.
    longer = mean * np.exp(log_ndtr(sigma - score) - log_ndtr(-score))
    left: Floats = np.maximum(longer - spent, 0.0)
    return left


def chance_done(spent: Floats, within: Floats, mean: Floats, sigma: Floats) -> Floats:
    """Return the chance that repairs end `within` so many seconds more; 0 where that is negative.

    1 - S(spent + within) ÷ S(spent) with the survival function S. Shapes broadcast.
    """
    spent = np.maximum(spent, _LEAST_SECONDS)
    until = spent + np.maximum(within, 0.0)
    lasting = log_ndtr(-_score(spent, mean, sigma))
    done: Floats = -np.expm1(log_ndtr(-_score(until, mean, sigma)) - lasting)
    return np.clip(done, 0.0, 1.0)


def _score(seconds: Floats, mean: Floats, sigma: Floats) -> Floats:
    """Return the standard score of a time; the mean of a lognormal lies above its median."""
    score: Floats = (np.log(seconds / mean) + sigma * sigma / 2) / sigma
    return score
