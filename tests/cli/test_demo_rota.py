"""Does the demo's ladder climb by the minute, over people who are on duty?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.clockwork import fire_due
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_rota import ON_DUTY, begin_watch, fill_rota
from dispatch.domain.permissions import Role
from dispatch.queries.alerts import AlertFilters, all_alerts, open_alert_ids
from tests.factories import DESK, make_account, make_city, make_ticket


def test_a_ticket_left_alone_climbs_the_ladder(session, now):
    with transaction():
        make_city(now)
        for name in ON_DUTY.values():
            make_account(Role.DISPATCHER, now, name=name)
        fill_rota(actor=DESK, now=now)
        make_ticket(now)
    with transaction():
        fire_due(now + timedelta(minutes=3), limit=10)
        begin_watch(DESK, actor=DESK, now=now + timedelta(minutes=3))
    assert open_alert_ids() == []
    for minutes in (4, 5, 6, 7, 8, 9, 10, 11):
        with transaction():
            fire_due(now + timedelta(minutes=minutes), limit=10)
    everywhere = make_account(Role.MANAGER, now).scope
    told = {row["people"][0] for row in all_alerts(everywhere, AlertFilters())}
    assert told == set(ON_DUTY.values())
