"""Are copies made and the oldest removed, and is a failed one told without losing another?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import Refused
from dispatch.domain.sentences import say
from dispatch.jobs import backups
from dispatch.jobs.backups import back_up
from tests.conftest import make_settings


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    """Return where copies of a few bytes are put, two of them kept."""
    url = app.config["SETTINGS"].database_url
    app.config["SETTINGS"] = make_settings(url, tmp_path, backups_kept=2)

    def write(_url, target):
        target.parent.mkdir(exist_ok=True)
        return target.write_bytes(b"copy")

    monkeypatch.setattr(backups, "copy_database", write)
    return tmp_path / "backups"


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_the_last_copies_are_kept_and_what_is_not_ours_too(session, folder, now):
    assert back_up(now) == 1
    (folder / "by-hand.sqlite3").write_bytes(b"mine")
    for days in (1, 2):
        back_up(now + timedelta(days=days))
    ours = [each for each in names(folder) if each.startswith("onevisit-")]
    assert [each[9:17] for each in ours] == [
        f"{now + timedelta(days=days):%Y%m%d}" for days in (1, 2)
    ]
    assert "by-hand.sqlite3" in names(folder)


def test_a_copy_that_fails_costs_no_older_one(session, folder, now, monkeypatch):
    back_up(now)
    before = names(folder)

    def fail(_url, _target):
        raise Refused(say("The disk is full."))

    monkeypatch.setattr(backups, "copy_database", fail)
    with pytest.raises(Refused, match="disk"):
        back_up(now + timedelta(days=1))
    assert names(folder) == before


def test_none_are_made_where_none_are_wanted(session, app, folder, now):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = make_settings(settings.database_url, settings.data_dir, backups_kept=0)
    assert back_up(now) == 0
    assert not folder.exists()
