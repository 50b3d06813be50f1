"""What does the planner see of the rehearsed city at one instant?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.outlook import NOBODY, Outlook
from dispatch.domain.time_left import law_told
from dispatch.rehearsal.city import HOUR, NONE

if TYPE_CHECKING:
    from dispatch.rehearsal.chance import Chance
    from dispatch.rehearsal.city import City, Flags, Floats, Places
    from dispatch.rehearsal.fleet import Fleet


class Sight:
    """The open jobs and the crews as the desk knows them; it knows no call before it comes."""

    def __init__(self, city: City, fleet: Fleet) -> None:
        tickets, crews = len(city.calls), len(city.staff)
        self.city, self.fleet = city, fleet
        self.open: list[int] = []
        self.opened_at = np.full(2 * tickets, np.nan)
        self.heading = np.full(crews, NOBODY)
        self.on_site = np.full(crews, np.nan)
        self.repair_mean = np.full(crews, city.rules.repair_mean)
        self.repair_sigma = np.full(crews, city.rules.repair_sigma)
        self.told = np.zeros(crews, dtype=np.bool_)
        self.turns = np.zeros(crews, dtype=np.int64)
        self.on_duty = np.zeros(crews, dtype=np.bool_)
        self.duty_ends = np.full(crews, -np.inf)
        self.on_break = np.zeros(crews, dtype=np.bool_)
        self.break_due = np.zeros(crews, dtype=np.bool_)
        self.declined: dict[int, set[int]] = {}
        self._skilled = np.ascontiguousarray(city.staff.skilled.T)
        weights = np.array([city.rules.level_weights[0], *city.rules.level_weights])
        self._weight = weights[city.calls.level]
        most = city.rules.most_turns
        self._most_turns = np.inf if most is None else most

    def open_job(self, job: int, now: float) -> None:
        """Show a job to the planner."""
        self.opened_at[job] = now
        self.open.append(job)

    def begin_work(self, crew: int, job: int, now: float) -> None:
        """Take a job off the list, for its crew has arrived."""
        self.open.remove(job)
        self.heading[crew] = NOBODY
        self.on_site[crew] = now
        self.repair_mean[crew] = self.city.rules.repair_mean
        self.repair_sigma[crew] = self.city.rules.repair_sigma
        self.turns[crew] = 0

    def tell(self, crew: int, minutes: int, now: float) -> None:
        """Let a crew at work say how much longer it needs: the count begins anew."""
        law = law_told(minutes)
        self.on_site[crew], self.told[crew] = now, True
        self.repair_mean[crew], self.repair_sigma[crew] = law.mean_seconds, law.sigma

    def end_work(self, crew: int) -> None:
        """Let a crew be sent again."""
        self.on_site[crew], self.told[crew] = np.nan, False

    def begin_duty(self, crew: int, now: float) -> None:
        """Put a crew on duty, until the end of its duty that holds this instant."""
        self.on_duty[crew] = True
        for begins, ends in self.city.staff.duties[crew]:
            if begins <= now < ends:
                self.duty_ends[crew] = max(ends, self.duty_ends[crew])

    def crews(self) -> Places:
        """Return the crews that the planner may count on."""
        return np.flatnonzero(self.on_duty & ~self.on_break)

    def idle(self) -> Places:
        """Return the crews on duty that neither drive to a ticket, nor work, nor rest."""
        has_none = (self.heading == NOBODY) & np.isnan(self.on_site)
        return np.flatnonzero(self.on_duty & ~self.on_break & has_none)

    def place_of(self, job: int) -> Floats:
        """Return the (2,) place of a job."""
        place: Floats = self.city.calls.place[job % len(self.city.calls)]
        return place

    def asks(self, crew: int, job: int, chance: Chance) -> bool:
        """Tell whether a crew that is offered a job declines it.

        When every crew has declined, the team leader decides, and nobody may decline any more.
        """
        share, ticket = self.city.rules.declines, job % len(self.city.calls)
        crews = len(self.city.staff)
        if not share or len(self.declined.get(ticket, ())) >= crews:
            return False
        refuses = chance.declined(ticket, crews, share)
        return bool(refuses[crew]) and not bool(np.all(refuses))

    def outlook(self, crews: Places, now: float) -> tuple[Outlook, Places]:
        """Return the instant for some crews, and the job of each of its rows."""
        jobs = np.array(self.open, dtype=np.int64)
        tickets = jobs % len(self.city.calls)
        heading = self._rows_of(self.heading[crews], jobs)
        drive = self._drives(crews, tickets, heading, now)
        waited = now - self.opened_at[jobs]
        rules = self.city.rules
        work = np.full(len(jobs), rules.repair_mean)
        calls, staff = self.city.calls, self.city.staff
        seen = Outlook(
            drive=drive,
            may_go=self._may_go(crews, tickets, drive, now),
            home=_owns(calls.team[tickets][:, None], staff.team[crews][None, :]),
            slack=rules.promise - waited,
            waited=waited,
            weight=self._weight[tickets],
            work=work,
            heading=heading,
            can_turn=self.turns[crews] < self._most_turns,
            on_site=now - self.on_site[crews],
            repair_mean=self.repair_mean[crews],
            repair_sigma=self.repair_sigma[crews],
            arrivals=self._calls_of_the_last_hour(now),
            told=self.told[crews] if rules.tells else None,
        )
        return seen, jobs

    def _calls_of_the_last_hour(self, now: float) -> float:
        """Count the calls of the last hour: what the desk expects of the next."""
        received = self.city.calls.received
        begun, ended = np.searchsorted(received, (now - HOUR, now), side="right")
        return float(ended - begun)

    def _rows_of(self, heading: Places, jobs: Places) -> Places:
        """Return where in the list stands the job that each crew heads to."""
        order = np.argsort(jobs)
        rows = order[np.searchsorted(jobs[order], heading) % len(jobs)]
        return np.where(heading == NOBODY, NOBODY, rows)

    def _drives(self, crews: Places, tickets: Places, heading: Places, now: float) -> Floats:
        places = self.fleet.places(now)[crews]
        hour = self.city.hour_at(now)
        drive = self.city.travel.seconds(places, self.city.calls.place[tickets], hour).T
        drive = np.ascontiguousarray(drive)
        self._go_on_first(drive, crews, tickets, now)
        sent = np.flatnonzero(heading != NOBODY)
        drive[heading[sent], sent] = self.fleet.there_at[crews[sent]] - now
        return drive

    def _go_on_first(self, drive: Floats, crews: Places, tickets: Places, now: float) -> None:
        """Fill in drives from where no road is: a crew under way there drives to its goal first."""
        lost = np.flatnonzero(np.isnan(drive).any(axis=0) & (self.fleet.there_at[crews] > now))
        if not len(lost):
            return
        goals = self.fleet.goal[crews[lost]]
        hour = self.city.hour_at(now)
        onward = self.city.travel.seconds(goals, self.city.calls.place[tickets], hour).T
        onward = onward + (self.fleet.there_at[crews[lost]] - now)
        drive[:, lost] = np.where(np.isnan(drive[:, lost]), onward, drive[:, lost])

    def _may_go(self, crews: Places, tickets: Places, drive: Floats, now: float) -> Flags:
        """Hold the hard rules: the skill, a way, the end of the shift, an earlier refusal."""
        allowed = self._skilled[self.city.calls.skill[tickets]][:, crews] & ~np.isnan(drive)
        ends = self.duty_ends[crews]
        if np.any(ends < np.inf):
            allowed &= now + drive + self.city.rules.repair_mean <= ends
        if self.declined:
            for row, ticket in enumerate(tickets.tolist()):
                refused = list(self.declined.get(ticket, ()))
                allowed[row] &= ~np.isin(crews, refused)
        return allowed


def _owns(owner: Places, team: Places) -> Flags:
    owns: Flags = (owner == team) & (owner != NONE)
    return owns
