"""How do tests let warnings fall due, and who is on duty for them?"""

from datetime import timedelta

from sqlalchemy import select

from dispatch.actions.clockwork import fire_due
from dispatch.actions.taking_note import acknowledge
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.alerts import Alert, RotaEntry
from dispatch.models.clockwork import Timer
from tests.factories import make_account, make_ticket


def make_rota(session, now):
    """Write one person into the rota for each duty but the crew's."""
    found = {}
    with transaction():
        for duty in ("dispatcher", "team_leader", "duty_manager", "head_of_operations"):
            found[duty] = make_account(Role.DISPATCHER, now, name=duty)
            on_duty(session, duty, found[duty])
    return found


def make_promised_arrival(session, now):
    """Open a ticket of which only the promise to arrive is watched."""
    with transaction():
        opened = make_ticket(now).ticket
        session.execute(Timer.__table__.delete().where(Timer.clock != "arrive"))
    return opened


def on_duty(session, duty, actor):
    session.add(RotaEntry(duty=duty, user_id=actor.user_id, start_minute=0, end_minute=0))
    session.flush()


def sweep(at):
    with transaction():
        return fire_due(at, limit=1000)


def at(now, minutes):
    return now + timedelta(minutes=minutes)


def alerts(session):
    session.expire_all()
    return session.scalars(select(Alert).order_by(Alert.id)).all()


def note(session, alert, actor, when):
    with transaction():
        acknowledge(alert.id, actor=actor, now=when)
