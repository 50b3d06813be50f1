"""Where should bases stand so that as much of the demand as possible is covered?

Maximal covering location problem (MCLP: Church and ReVelle 1974, Papers of the Regional Science
Association 32, 101-118) and location set covering problem (LSCP: Toregas, Swain, ReVelle and
Bergman 1971, Operations Research 19, 1363-1373), solved exactly by branch and cut (HiGHS).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Covers = NDArray[np.bool_]

LONGEST_SEARCH_SECONDS = 120.0
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Siting:
    """The chosen sites as places in the list of candidates, in order, and the demand they cover.

    `share` is None when there is no demand. `proven` is False when the search ran out of time; the
    sites are then good, and a better choice may exist. A site that would cover nothing more is left
    out, so there may be fewer than asked for.
    """

    sites: tuple[int, ...]
    covered: float
    share: float | None
    proven: bool


def covered_by(costs: Floats, limit: float) -> Covers:
    """Tell which points each candidate covers: those at a cost (metres, seconds) of at most limit.

    Candidates × points in and out; NaN, which is no way, covers nothing.
    """
    covers: Covers = np.asarray(costs, dtype=np.float64) <= limit
    return covers


def covered_demand(covers: Covers, weights: Floats, sites: Sequence[int]) -> float:
    """Return the demand that some of the candidates cover together."""
    return float(weights[covers[list(sites)].any(axis=0)].sum())


def maximal_covering(
    covers: Covers, weights: Floats, sites: int, *, seconds: float = LONGEST_SEARCH_SECONDS
) -> Siting:
    """Choose at most so many sites that the demand they cover is as large as possible (MCLP).

    `covers` is candidates × points, `weights` the demand of each point, not negative.

    Raises:
        Invalid: when there is no candidate, fewer of them than `sites`, or `sites` is not positive.
    """
    _check(len(covers), sites)
    weights = np.asarray(weights, dtype=np.float64)
    classes, demand = _points_that_look_alike(covers, weights)
    found = _most_demand(classes, demand, sites, seconds) if demand.size else None
    return _siting(covers, weights, found, sites)


def set_covering(covers: Covers, *, seconds: float = LONGEST_SEARCH_SECONDS) -> Siting:
    """Choose as few sites as possible that cover every point that any candidate covers (LSCP).

    `covers` is candidates × points; `share` below 1 says that some points cannot be covered.

    Raises:
        Invalid: when there is no candidate.
    """
    _check(len(covers), 1)
    weights = np.ones(covers.shape[1])
    classes, demand = _points_that_look_alike(covers, weights)
    found = _fewest_sites(classes, seconds) if demand.size else None
    return _siting(covers, weights, found, None)


def greedy_covering(covers: Covers, weights: Floats, sites: int | None = None) -> tuple[int, ...]:
    """Choose sites one after the other, each the one that adds most demand; stop when none adds.

    The quick rule beside the exact choice: never below 1 − 1/e of it (Nemhauser, Wolsey and Fisher
    1978, Mathematical Programming 14, 265-294). Places in the list of candidates, in order.
    """
    left = np.asarray(weights, dtype=np.float64).copy()
    chosen: list[int] = []
    while sites is None or len(chosen) < sites:
        gains = covers @ left
        best = int(np.argmax(gains))
        if not gains[best] > 0:
            break
        chosen.append(best)
        left[covers[best]] = 0.0
    return tuple(sorted(chosen))


def _check(candidates: int, sites: int) -> None:
    if not candidates:
        raise Invalid(
            say("There is no place to choose from: name candidates, or add bases or grids first.")
        )
    if sites < 1:
        fault = say("Ask for at least one site.")
    elif sites > candidates:
        fault = say(
            "%(sites)s sites are asked for, and there are only %(candidates)s places to choose "
            "from: ask for fewer.",
            sites=sites,
            candidates=candidates,
        )
    else:
        return
    raise Invalid(fault, fields={"sites": fault})


def _points_that_look_alike(covers: Covers, weights: Floats) -> tuple[Covers, Floats]:
    """Merge points that the same candidates cover, and drop those that none covers or wants.

    The answer stays exact, and a city's ten thousand points become some hundreds.
    """
    wanted = covers.any(axis=0) & (weights > 0)
    seen = covers[:, wanted]
    _, first, class_of = np.unique(
        np.packbits(seen, axis=0), axis=1, return_index=True, return_inverse=True
    )
    demand: Floats = np.bincount(class_of.ravel(), weights[wanted], len(first)).astype(np.float64)
    return seen[:, first], demand


def _most_demand(classes: Covers, demand: Floats, sites: int, seconds: float) -> Any:
    """Maximise Σ demand × reached, where reached is at most the number of sites that cover it.

    Only the sites need be whole: given them, the best `reached` is 0 or 1 by itself.
    """
    candidates, points = classes.shape
    links = hstack([csr_array(classes.T.astype(np.float64)), -identity(points)], format="csr")
    is_site = np.concatenate([np.ones(candidates), np.zeros(points)])
    return milp(
        np.concatenate([np.zeros(candidates), -demand]),
        constraints=[
            LinearConstraint(links, lb=0.0),
            LinearConstraint(is_site[None, :], ub=float(sites)),
        ],
        integrality=is_site,
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )


def _fewest_sites(classes: Covers, seconds: float) -> Any:
    candidates = len(classes)
    return milp(
        np.ones(candidates),
        constraints=LinearConstraint(csr_array(classes.T.astype(np.float64)), lb=1.0),
        integrality=np.ones(candidates),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )


def _siting(covers: Covers, weights: Floats, found: Any, sites: int | None) -> Siting:
    """Read the solver's answer; one without any is replaced by the greedy choice."""
    if found is None:
        chosen: tuple[int, ...] = ()
    elif found.x is None:
        chosen = greedy_covering(covers, weights, sites)
    else:
        chosen = _without_idle(covers, weights, np.flatnonzero(found.x[: len(covers)] > _HALF))
    covered = covered_demand(covers, weights, chosen)
    total = float(weights.sum())
    proven = found is None or found.status == 0
    return Siting(chosen, covered, covered / total if total > 0 else None, proven)


def _without_idle(covers: Covers, weights: Floats, chosen: NDArray[np.intp]) -> tuple[int, ...]:
    """Leave out each site whose demand the others cover too, the smallest first."""
    kept = [int(site) for site in chosen]
    for site in sorted(kept, key=lambda each: float(weights[covers[each]].sum())):
        others = [each for each in kept if each != site]
        alone = covers[site] & ~covers[others].any(axis=0)
        if not weights[alone].sum() > 0:
            kept = others
    return tuple(kept)
