"""Are rota and ladder taken whole or not at all, with the field named that stops them?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions import rota as rota_actions
from dispatch.actions.rota import add_entry, import_rota, remove_entry, replace_rota, set_ladder
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound
from dispatch.domain.permissions import Role
from dispatch.domain.rota import DEFAULT_LADDER, DutyRole, LadderRule, RotaRule
from dispatch.domain.rota_rows import NOBODY, RotaDraft
from dispatch.models.alerts import RotaEntry
from dispatch.models.people import SettingsEvent, User
from dispatch.queries.rota import ladder, named_duties, rota_rows, watch
from tests.factories import DESK, make_account, make_city


@pytest.fixture
def people(session, now):
    make_city(now)
    for name in ("li", "wang"):
        make_account(Role.DISPATCHER, now, name=name)
    make_account(Role.API_CLIENT, now, name="robot")
    make_account(Role.MANAGER, now, name="gone", active=False)
    session.commit()


def draft(duty="dispatcher", person="li", team="", line=None):
    return RotaDraft(RotaRule(DutyRole(duty), NOBODY), team, person, line)


def entries(session):
    session.expire_all()
    rows = session.execute(
        select(RotaEntry.duty, User.sign_in_name)
        .join(User, User.id == RotaEntry.user_id)
        .order_by(RotaEntry.id)
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def done(now):
    return {"actor": DESK, "now": now}


def changes(session):
    return session.scalars(select(SettingsEvent.subject).order_by(SettingsEvent.id)).all()


@pytest.mark.usefixtures("people")
def test_a_file_takes_the_place_of_the_whole_rota(session, done):
    with transaction():
        import_rota([draft(), draft("duty_manager", "wang")], "rota.csv", **done)
    with transaction():
        import_rota([draft("team_leader", "WANG", "West Team")], "rota.csv", **done)
    assert entries(session) == [("team_leader", "wang")]
    assert changes(session) == ["rota", "rota"]
    [rule] = watch().rules
    assert rule.team_id is not None


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (draft(person="nobody", line=3), "person"),
        (draft(person="gone", line=3), "person"),
        (draft(person="robot", line=3), "person"),
        (draft(team="North Team", line=3), "team"),
    ],
)
def test_one_wrong_line_refuses_the_whole_file(session, done, wrong, field):
    with transaction():
        add_entry(draft(), **done)
    with pytest.raises(Invalid) as refused, transaction():
        import_rota([draft("duty_manager", "wang", line=2), wrong], "rota.csv", **done)
    assert refused.value.facts["refused"] == [{"line": 3, "feature": None, "field": field}]
    assert entries(session) == [("dispatcher", "li")]


@pytest.mark.usefixtures("people")
def test_a_list_is_refused_by_the_number_of_its_entry(session, done):
    with pytest.raises(Invalid) as refused, transaction():
        replace_rota([draft(), draft(person="gone"), draft(team="x")], **done)
    assert list(refused.value.fields) == ["entries.1.person", "entries.2.team"]
    assert entries(session) == []


@pytest.mark.usefixtures("people")
def test_a_rota_of_nobody_or_of_too_many_is_refused(done, monkeypatch):
    for drafts in ([], [draft(), draft()]):
        monkeypatch.setattr(rota_actions, "MOST_ENTRIES", 1)
        with pytest.raises(Invalid) as refused, transaction():
            replace_rota(drafts, **done)
        assert list(refused.value.fields) == ["entries"]


@pytest.mark.usefixtures("people")
def test_an_entry_comes_and_goes(session, done, now):
    with pytest.raises(Invalid) as refused, transaction():
        add_entry(draft(person="nobody"), **done)
    assert list(refused.value.fields) == ["person"]
    with transaction():
        add_entry(draft(), **done)
    [row] = rota_rows(now)
    assert (row.person, row.on_duty) == ("li", True)
    with pytest.raises(Invalid) as refused, transaction():
        add_entry(draft(), **done)
    assert "already" in str(refused.value.fields["person"])
    with pytest.raises(Forbidden), transaction():
        remove_entry(row.id, **done)
    with transaction():
        add_entry(draft(duty=DutyRole.DUTY_MANAGER), **done)
        remove_entry(row.id, **done)
    assert len(entries(session)) == 1
    with pytest.raises(NotFound), transaction():
        remove_entry(row.id, **done)
    assert changes(session) == ["rota", "rota", "rota"]


@pytest.mark.usefixtures("people")
def test_who_is_paused_later_is_on_no_duty(session, done, now):
    with transaction():
        add_entry(draft(), **done)
        session.query(User).filter_by(sign_in_name="li").one().active = False
    [row] = rota_rows(now)
    assert (row.active, row.on_duty) == (False, False)
    assert (watch().rules, named_duties()) == ((), set())


@pytest.mark.usefixtures("people")
def test_a_ladder_names_only_duties_that_somebody_has(session, done):
    steps = [LadderRule(0.5, DutyRole.CREW, 3), LadderRule(1.0, DutyRole.DISPATCHER)]
    with pytest.raises(Invalid) as refused, transaction():
        set_ladder(steps, **done)
    assert list(refused.value.fields) == ["steps.1.duty"]
    assert ladder() == DEFAULT_LADDER
    with transaction():
        add_entry(draft(), **done)
        set_ladder(steps, **done)
        set_ladder(steps, **done)
    assert ladder() == tuple(steps)
    assert changes(session) == ["rota", "ladder"]


@pytest.mark.usefixtures("people")
def test_a_ladder_has_a_largest_size(done):
    steps = [LadderRule((n + 1) / 10, DutyRole.CREW) for n in range(21)]
    with pytest.raises(Invalid) as refused, transaction():
        set_ladder(steps, **done)
    assert list(refused.value.fields) == ["steps"]
