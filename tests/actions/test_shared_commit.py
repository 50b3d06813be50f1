"""Are requests that share one commit of SQLite as safe as if each had its own?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from dispatch.actions import unit_of_work
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.models.base import db
from dispatch.models.people import Team
from tests.conftest import close_connections, make_app
from tests.contenders import contend
from tests.factories import make_team, make_ticket
from tests.invariants import expect_whole


class Line(dict):
    """A line of waiting threads that tells when somebody stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.somebody_waits = Event()

    def __setitem__(self, thread, called) -> None:
        super().__setitem__(thread, called)
        self.somebody_waits.set()


@pytest.fixture
def line(monkeypatch):
    queue = unit_of_work._Queue()
    queue._line = Line()
    monkeypatch.setattr(unit_of_work, "_queue", queue)
    return queue._line


@pytest.fixture
def apps(sqlite, work_folder):
    sqlite.reset()
    built = [make_app(sqlite.url, work_folder) for _ in range(2)]
    yield built
    for each in built:
        close_connections(each)


def write(app, name, *, shared=True, first=lambda: None):
    with app.app_context(), transaction(shared=shared):
        first()
        make_team(name)


def names(app):
    with app.app_context():
        return sorted(name for (name,) in db.session.query(Team.name))


def one_after_the_other(line, first, second):
    """Let the first write while the second waits; return what the second came to."""
    with ThreadPoolExecutor(1) as pool:
        began = []

        def let_it_wait():
            line.somebody_waits.clear()
            began.append(pool.submit(second))
            assert line.somebody_waits.wait(120)

        try:
            first(let_it_wait)
        finally:
            fault = began[0].exception(30)
    return fault


def test_the_first_is_seen_only_when_both_are(line, apps):
    seen = []
    answered = Event()

    def second():
        write(apps[0], "B", first=lambda: seen.append((names(apps[1]), answered.is_set())))

    def first(let_it_wait):
        write(apps[0], "A", first=let_it_wait)
        answered.set()

    assert one_after_the_other(line, first, second) is None
    assert seen == [([], False)]
    assert names(apps[1]) == ["A", "B"]


def divide():
    return 1 // 0


def test_the_failure_of_the_second_harms_nobody(line, apps):
    fault = one_after_the_other(
        line,
        lambda let_it_wait: write(apps[0], "A", first=let_it_wait),
        lambda: write(apps[0], "B", first=lambda: (make_team("C"), divide())),
    )
    assert isinstance(fault, ZeroDivisionError)
    assert names(apps[1]) == ["A"]


def test_the_failure_of_the_first_harms_nobody(line, apps):
    def first(let_it_wait):
        with pytest.raises(ZeroDivisionError):
            write(apps[0], "A", first=lambda: (let_it_wait(), make_team("C"), divide()))

    assert one_after_the_other(line, first, lambda: write(apps[0], "B")) is None
    assert names(apps[1]) == ["B"]


def test_the_second_of_a_unique_name_is_told_and_the_first_is_kept(line, apps):
    fault = one_after_the_other(
        line,
        lambda let_it_wait: write(apps[0], "A", first=let_it_wait),
        lambda: write(apps[0], "A"),
    )
    assert isinstance(fault, Stale)
    assert names(apps[1]) == ["A"]


def give_up():
    db.session.connection().connection.dbapi_connection.rollback()


def test_nobody_is_answered_when_the_database_gives_up_the_whole(line, apps):
    def first(let_it_wait):
        with pytest.raises(OperationalError, match="rolled back the whole"):
            write(apps[0], "A", first=let_it_wait)

    def second():
        write(apps[0], "B", first=lambda: (make_team("C"), give_up(), divide()))

    fault = one_after_the_other(line, first, second)
    assert isinstance(fault, (OperationalError, ZeroDivisionError))
    assert names(apps[1]) == []
    write(apps[0], "D")
    assert names(apps[1]) == ["D"]


@pytest.mark.parametrize("shared", [False, True])
def test_a_writer_of_another_kind_commits_what_is_open(line, apps, shared):
    fault = one_after_the_other(
        line,
        lambda let_it_wait: write(apps[0], "A", first=let_it_wait),
        lambda: write(apps[1], "B", shared=shared),
    )
    assert fault is None
    assert names(apps[0]) == ["A", "B"]


def test_a_thread_that_writes_opens_no_second_transaction(line, apps):
    def again():
        with pytest.raises(RuntimeError, match="writes already"):
            write(apps[0], "B", shared=False)

    write(apps[0], "A", first=again)
    assert names(apps[0]) == ["A"]


@pytest.mark.parametrize("most", [3, 16])
def test_eight_at_once_all_get_their_ticket(app, now, monkeypatch, most):
    monkeypatch.setattr(unit_of_work, "MOST_TOGETHER", most)

    def act(_number):
        with transaction(shared=True):
            ticket_id = make_ticket(now).ticket.id
        return str(ticket_id)

    assert contend(app, act) == {str(number): 1 for number in range(1, 9)}
    with app.app_context():
        for ticket_id in range(1, 9):
            expect_whole(ticket_id)
