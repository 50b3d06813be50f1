"""What do the tables hold whenever every page is looked at?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from dispatch.actions.attachments import add_photo
from dispatch.actions.disputes import NewDispute, Whose, open_dispute
from dispatch.actions.handovers import write_handover, write_note
from dispatch.actions.positions import record_position
from dispatch.actions.public_page import store_public_page
from dispatch.actions.rectification import NewItem, open_item
from dispatch.actions.rehearsals import QUEUE, ask_for_rehearsal, finish_rehearsal
from dispatch.actions.rounds import end_stop
from dispatch.actions.storms import begin_storm
from dispatch.actions.task_steps import ask_for_task, take_task_step
from dispatch.actions.unfinished_calls import keep_call
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.permissions import RESIDENT, Role
from dispatch.domain.place import Point
from dispatch.domain.public_page import PublicFigure, page_from
from dispatch.domain.rehearsal_wish import Wish
from dispatch.domain.rounds import StopState
from dispatch.domain.storm import Wanted
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.people import Team
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Report, Ticket
from dispatch.photos import photo_store
from dispatch.queries.policies import policy_in_force
from dispatch.queries.rehearsals import material_for
from dispatch.queries.rounds import stop_for_change
from dispatch.queries.tasks import tasks_of
from dispatch.rehearsal.own_city import rehearse_own
from dispatch.rehearsal.own_material import Material
from tests.browser.phone_scenes import furnish_phones
from tests.factories import DESK, IN_EAST, make_account, make_city
from tests.notices import announce
from tests.photos import new_photo, photo_file
from tests.rounds import add_households, go_round
from tests.subscribers import ask, subscribe
from tests.trips import another_ticket, send, step, steward, work

if TYPE_CHECKING:
    from datetime import datetime

    from tests.browser.conftest import Served


def furnish(served: Served) -> None:
    """Fill the tables: fixed, worked on, waiting, held, unplaced and just sent tickets."""
    with served.open() as now:
        begin = now - timedelta(minutes=50)
        make_city(begin)
        _name_in_chinese()
        _add_household()
    with served.app.app_context():
        said = {"address": "五一路12号", "description": "路面在冒水", "reporter_name": "陈丽"}
        for _ in range(2):
            another_ticket(begin, **said, reporter_phone="13800005678", household_id=1)
        another_ticket(now, category="low_pressure", place=IN_EAST, address="人民路3号")
        another_ticket(now, category="leak", place=IN_EAST, address="人民路5号")
        another_ticket(now, category="no_water", place=None, address="某处")
        send(1, 1, begin)
        work(1, 1, begin)
        send(2, 2, begin)
        step(2, "decline", steward(2), begin, reason="车辆故障")
        send(2, 1, begin + timedelta(minutes=26))
        work(2, 1, begin + timedelta(minutes=26), until="start")
        step(4, "hold", DESK, now, reason="waiting_for_part")
        another_ticket(now, category="meter_leak", address="五一路16号")
        send(6, 1, now)
        for each in (_ask_for_tasks, _put_on_list, _dispute, _open_request):
            each(now)
        online = {"channel": "web", "reporter_phone": "13800005678", "address": "五一路20号"}
        another_ticket(now, category="leak", **online)
        for each in (
            _rehearse, _make_calls_due, _hand_over, _take_photos, _drive, furnish_phones, _go_round,
            _relieve, _open_to_everybody,
        ):  # fmt: skip
            each(now)


def _open_to_everybody(now: datetime) -> None:
    """Let everybody read every figure and a text."""
    texts = {"scope_zh": "表前管道由我们维修。"}
    page = page_from(list(PublicFigure), texts, is_open=True)
    with transaction():
        store_public_page(page, actor=DESK, now=now, seen_version=0)


def _relieve(now: datetime) -> None:
    """Let each crew ask the other one to take over a ticket."""
    asked = another_ticket(now, category="leak", address="五一路24号").ticket.id
    send(asked, 2, now)
    step(asked, "acknowledge", steward(2), now)
    for number, crew_id in ((asked, 2), (2, 1)):
        wish = {"reason": "shift_ends", "note": "阀门已关，等待配件", "to_crew_id": 3 - crew_id}
        step(number, "hand-over", steward(crew_id), now, **wish)


def _go_round(now: datetime) -> None:
    """Send a crew round three households, of which it has been at one."""
    add_households(4, first=11, street="芙蓉路%d号", name="陈丽")
    zone = policy_in_force().policy.calendar.zone
    today = now.astimezone(zone).date()
    go_round(now, ["H-11", "H-12", "H-13"], day=today, today=today)
    with transaction():
        row, crew = stop_for_change(1, steward(1).scope)
        end_stop(row, crew, StopState.DONE, note="水表已抄", actor=steward(1), now=now)


def _add_household() -> None:
    """Add the household whose member calls."""
    db.session.add(
        Household(
            account="H-1", name="陈丽", phone="13800005678", address="芙蓉路8号",
            lat=28.151, lon=112.951,
        )
    )  # fmt: skip


def _name_in_chinese() -> None:
    """Give grids and teams their names in Chinese."""
    for table, end in ((Grid, "区"), (Team, "片区队")):
        for name, chinese in (("West", "西"), ("East", "东")):
            named = db.session.scalars(select(table).where(table.name.startswith(name))).one()
            named.name_zh = chinese + end


def _drive(now: datetime) -> None:
    """Let the first crew be seen on its way for ten minutes."""
    with transaction():
        for minute in range(10):
            at = now - timedelta(minutes=20 - minute)
            place = Point(28.14 + minute / 1000, 112.93)
            record_position(1, place, measured_at=at, accuracy_metres=8.0)


def _take_photos(now: datetime) -> None:
    """Put two photos on the ticket that is worked on: one of its reporter, one of its crew."""
    content = photo_file(640, 480, colour="teal")
    name = photo_store(current_app.config["SETTINGS"]).keep(content, content)
    with transaction():
        report = db.session.get_one(Report, 2)
        ticket = db.session.get_one(Ticket, 2)
        for kind, actor, told in (
            (AttachmentKind.REPORT, RESIDENT, report),
            (AttachmentKind.BEFORE, steward(1), None),
        ):
            new = new_photo(kind=kind, sha256=name, width=640, height=480)
            add_photo(ticket, new, actor=actor, now=now, most=9, report=told)


def _switch_storm_on(now: datetime) -> None:
    """Let a main be burst in the east, for some hours."""
    wanted = Wanted("burst_main", "人民路DN600主管爆管", ("East",), now + timedelta(hours=6))
    with transaction():
        begin_storm(wanted, actor=replace(DESK, name="王强"), now=now)


def _hand_over(now: datetime) -> None:
    """Write a log and hand the desk over to whoever looks, in storm mode, with a notice."""
    _switch_storm_on(now)
    with transaction():
        announce(now, ticket="W2")
        _subscribe(now)
        leaving = make_account(Role.DISPATCHER, now, name="王强")
        write_note("芙蓉路7号阀门卡死，勿操作", number="W2", actor=leaving, now=now)
        keep_call(
            {"phone": "13911110001", "address": "韶山路 3 号", "description": "水管 🚰"},
            actor=leaving,
            now=now,
        )
        write_handover("燃气公司到场前不要回填。", actor=leaving, now=now)


def _subscribe(now: datetime) -> None:
    """Let text messages be set up, somebody be told of the notice, and somebody ask for it."""
    settings = current_app.config["SETTINGS"]
    current_app.config["SETTINGS"] = replace(settings, sms_url="https://sms.example.org")
    home = {"place": "芙蓉路8号"}
    confirmed, asked = subscribe(now, **home), ask(now, "13900000002", **home)
    confirmed.token, asked.token = "told", "asked"


def _put_on_list(now: datetime) -> None:
    """Let a ticket that was late be put right, and another wait for it."""
    with transaction():
        for number, cause in ((2, "no_crew"), (5, None)):
            new = NewItem(cause, "中午加派一个班组" if cause else "")
            open_item(db.session.get_one(Ticket, number), new, actor=DESK, now=now)


def _dispute(now: datetime) -> None:
    """Let a team and the gas company argue over a ticket, and two teams over another."""
    east = db.session.scalars(select(Team.id).where(Team.name.startswith("East"))).one()
    with transaction():
        for number, ground, whose in (
            (2, "not_our_pipe", Whose(department="燃气公司")),
            (6, "not_our_area", Whose(east)),
        ):
            ticket = db.session.get_one(Ticket, number)
            new = NewDispute(ground, whose)
            open_dispute(ticket, new, reason="开挖后见黄色管道", actor=DESK, now=now)


def _make_calls_due(now: datetime) -> None:
    """Let the questions about what was repaired be due, and draw one for a manager."""
    with transaction():
        for row in db.session.scalars(select(FollowUp).where(FollowUp.round == "same_day")):
            row.due_at = row.call_at = row.late_at = now - timedelta(minutes=5)
            db.session.add(
                FollowUp(
                    ticket_id=row.ticket_id, report_id=row.report_id, round="audit",
                    about_at=row.about_at, due_at=now, call_at=now, late_at=now, week="2026-W10",
                    seed="2026-W10/", drawn_from=20,
                )
            )  # fmt: skip


def _ask_for_tasks(now: datetime) -> None:
    """Put tasks under the ticket that is worked on: begun by its crew, one that waits, refused."""
    with transaction():
        ticket = db.session.get_one(Ticket, 2)
        for args in (
            {"kind": "valve_closing", "crew_id": 1},
            {"kind": "traffic_permit"},
            {"kind": "excavation", "waits_for": [1]},
        ):
            ask_for_task(ticket, args, actor=DESK, now=now)
        take_task_step(ticket, 1, "start", {}, actor=steward(1), now=now)
        take_task_step(ticket, 2, "refuse", {"reason": "不在辖区"}, actor=DESK, now=now)


def _open_request(now: datetime) -> None:
    """Open a request that has its first step behind it."""
    kind = "installation"
    ticket = another_ticket(now, category=kind, kind=kind, address="五一路18号").ticket
    with transaction():
        first = tasks_of(ticket.id)[0]
        take_task_step(ticket, first.id, "finish", {}, actor=DESK, now=now)


def _rehearse(now: datetime) -> None:
    """Add a rehearsal of today that is done, and one that waits; no clockwork runs here."""
    zone = policy_in_force().policy.calendar.zone
    today = now.astimezone(zone).date()
    wish = Wish(first=today - timedelta(days=1), last=today, extra_crews=1, extra_team="West Team")
    asker = replace(DESK, name="李娜")
    with transaction():
        row = ask_for_rehearsal(wish, actor=asker, now=now)
        row.key = "done"
        QUEUE.begin_next(now)
    material, life = material_for(wish, zone, None, now)
    result = rehearse_own(Material.from_json(material), wish)
    with transaction():
        finish_rehearsal(row.id, result | {"life": life, "took_seconds": 1.2}, now)
        ask_for_rehearsal(wish, actor=asker, now=now).key = "waiting"
