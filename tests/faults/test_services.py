"""Do the services start as the units in deploy/ say, with the settings that lie beside them?"""

from __future__ import annotations

import http.client
import shlex
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dispatch.config import Settings
from tests.deployed import UNITS, environment, unit
from tests.factories import make_city
from tests.faults.fleet import Fleet, wait_within

if TYPE_CHECKING:
    from tests.faults.fleet import Member


def ask(member: Member, path: str, host: str) -> int:
    """Ask as a proxy does that passes the name on by which it was asked."""
    with closing(http.client.HTTPConnection("127.0.0.1", member.port or 0, timeout=60)) as line:
        line.request("GET", path, headers={"Host": host})
        return line.getresponse().status


# Three processes start, and each loads the whole program.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_units_start_an_installation(app, database, tmp_path):
    """In an empty data folder, where the first to need it makes the secret."""
    given = environment() | {
        "ONEVISIT_DATABASE_URL": database.url,
        "ONEVISIT_DATA_DIR": str(tmp_path / "files"),
    }
    settings = Settings.from_env(given)
    with app.app_context():
        make_city(datetime.now(UTC))
    with Fleet(given, tmp_path / "log", host=settings.trusted_hosts) as fleet:
        commands = [shlex.split(unit(name)["Service"]["ExecStart"])[1:] for name in UNITS]
        assert sorted(commands) == [["jobs"], ["live"], ["serve"]]
        fleet.jobs()
        web, _live = fleet.listener("serve"), fleet.listener("live")
        assert ask(web, "/readyz", settings.trusted_hosts) == 200
        assert ask(web, "/readyz", "somewhere.example") == 400
        for _ in wait_within(300):
            if ask(web, "/healthz/deadlines", settings.trusted_hosts) == 200:
                break
        else:
            raise AssertionError(fleet.words())
        assert [each.running.poll() for each in fleet.members] == [None] * 3
    assert (tmp_path / "files" / "secret_key").stat().st_size > 24
