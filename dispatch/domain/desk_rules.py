"""Whom would a desk send by a rule of thumb: the home team, the oldest call first, the nearest?

A crew that is sent stays sent: none of these rules changes its mind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.outlook import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dispatch.domain.outlook import Outlook

    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]


def home(outlook: Outlook) -> Places:
    """Send the oldest ticket's own team, its nearest free crew; no other team ever goes."""
    return _oldest_first(outlook, outlook.may_go & outlook.home)


def fifo(outlook: Outlook) -> Places:
    """Send the nearest free crew to the oldest ticket, as most desks do."""
    return _oldest_first(outlook, outlook.may_go)


def nearest(outlook: Outlook) -> Places:
    """Send the closest free pair of crew and ticket first, whichever ticket is older.

    Of equally close pairs the ticket that stands first in the outlook goes first.
    """
    plan, tickets, crews = _beginning(outlook)
    drives = _drives(outlook, outlook.may_go, tickets, crews)
    while drives.size:
        row, column = divmod(int(np.argmin(drives)), drives.shape[1])
        if not np.isfinite(drives[row, column]):
            break
        plan[crews[column]] = tickets[row]
        drives[row] = np.inf
        drives[:, column] = np.inf
    return plan


def _oldest_first(outlook: Outlook, allowed: Flags) -> Places:
    plan, tickets, crews = _beginning(outlook)
    drives = _drives(outlook, allowed, tickets, crews)
    oldest = np.argsort(-outlook.waited[tickets], kind="stable")
    for row in oldest[np.isfinite(drives[oldest]).any(axis=1)].tolist():
        column = int(np.argmin(drives[row]))
        if np.isfinite(drives[row, column]):
            plan[crews[column]] = tickets[row]
            drives[:, column] = np.inf
    return plan


def _beginning(outlook: Outlook) -> tuple[Places, Places, Places]:
    """Return the plan so far, the tickets that nobody heads to, and the crews without a ticket."""
    plan = outlook.heading.copy()
    waits = np.ones(outlook.tickets, dtype=np.bool_)
    waits[plan[plan != NOBODY]] = False
    idle = np.isnan(outlook.on_site) & (plan == NOBODY)
    return plan, np.flatnonzero(waits), np.flatnonzero(idle)


def _drives(
    outlook: Outlook, allowed: Flags, tickets: Places, crews: Places
) -> NDArray[np.float64]:
    """Return the drives between some tickets and crews; inf where a crew may not or cannot go."""
    pairs = np.ix_(tickets, crews)
    drives = outlook.drive[pairs]
    return np.where(allowed[pairs] & ~np.isnan(drives), drives, np.inf)
