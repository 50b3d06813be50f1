"""Is every entry of a rota read as it was meant, and every other one named with its line?"""

from __future__ import annotations

from datetime import date

import pytest

from dispatch.domain import rota_rows
from dispatch.domain.errors import Invalid
from dispatch.domain.rota import DutyRole
from dispatch.domain.rota_rows import read_entry, read_rota_rows

HEADER = "duty,team,person,weekdays,start,end,from,to"


def rows(*lines: str):
    return read_rota_rows([f"{line}\n".encode() for line in (HEADER, *lines)], "rota.csv")


def faults(*lines: str):
    with pytest.raises(Invalid) as refused:
        rows(*lines)
    return [(each["line"], each["field"]) for each in refused.value.facts["refused"]]


def test_a_row_says_who_has_which_duty_when():
    [draft] = rows("team_leader,West Team,li.na,1-5,22:00,06:00,2026-03-02,2026-03-31")
    assert (draft.person, draft.team, draft.line) == ("li.na", "West Team", 2)
    rule = draft.rule
    assert (rule.duty, rule.weekdays) == (DutyRole.TEAM_LEADER, 31)
    assert (rule.start_minute, rule.end_minute) == (1320, 360)
    assert (rule.from_date, rule.to_date) == (date(2026, 3, 2), date(2026, 3, 31))


def test_what_is_left_out_is_always():
    [draft] = rows("duty_manager,,li.na,,,,,")
    rule = draft.rule
    assert (rule.weekdays, rule.start_minute, rule.end_minute, draft.team) == (127, 0, 0, "")


def test_the_end_of_the_day_is_midnight():
    [draft] = rows("dispatcher,,a,,08:00,24:00,,")
    assert draft.rule.end_minute == 0


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("king,,a,,,,,", "duty"),
        (",,a,,,,,", "duty"),
        ("crew,,,,,,,", "person"),
        ("crew,,a,9,,,,", "weekdays"),
        ("crew,,a,,25:00,26:00,,", "start"),
        ("crew,,a,,08:00,,,", "end"),
        ("crew,,a,,,08:00,,", "start"),
        ("crew,,a,,,,tomorrow,", "from"),
        ("crew,,a,,,,2026-03-02,2026-03-01", "to"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_line(line, field):
    assert (3, field) in faults("crew,,a,,,,,", line)


def test_a_rota_without_people_is_refused():
    assert faults() == [(None, None)]


def test_a_missing_column_is_named():
    with pytest.raises(Invalid) as refused:
        read_rota_rows([b"duty,person\n"], "rota.csv")
    fields = {each["field"] for each in refused.value.facts["refused"]}
    assert {"team", "weekdays", "start", "end", "from", "to"} <= fields


def test_a_rota_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(rota_rows, "MOST_ENTRIES", 1)
    assert faults("crew,,a,,,,,", "crew,,b,,,,,") == [(None, None)]


def test_a_form_is_read_in_the_same_way():
    assert read_entry({"duty": "crew", "person": "a"})[1] == {}
    assert read_entry({})[1].keys() == {"duty", "person"}
