"""Are names, passwords and posts of accounts held to their rules?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.accounts import (
    LONGEST_NAME,
    contact_faults,
    name_fault,
    password_fault,
    post_faults,
    sign_in_name_fault,
    tidy_sign_in_name,
)
from dispatch.domain.permissions import Role


@pytest.mark.parametrize("good", ["ann", "li.wei", "王芳", "a-b_c@d", "12345", "x" * 64])
def test_a_plain_name_can_sign_in(good):
    assert sign_in_name_fault(tidy_sign_in_name(good)) is None


@pytest.mark.parametrize("bad", ["", "a", ".ann", "ann.", "an n", "a/b", "<b>x</b>", "a:b"])
def test_a_name_that_could_be_misread_cannot(bad):
    assert sign_in_name_fault(tidy_sign_in_name(bad)) is not None


@pytest.mark.parametrize("typed", [" Ann ", "ANN", "ａｎｎ", "a\0nn", "an\u200bn", "ann\r\n"])
def test_the_same_name_is_read_however_it_is_typed(typed):
    assert tidy_sign_in_name(typed) == "ann"


@given(st.text())
def test_a_tidied_name_fits_every_database(typed):
    name = tidy_sign_in_name(typed)
    assert len(name) <= LONGEST_NAME
    assert "\0" not in name
    assert name.isprintable()


def test_a_name_is_what_colleagues_say():
    assert name_fault("王芳") is None
    assert name_fault("") is not None
    assert name_fault("x" * 65) is not None
    assert name_fault("a\nb") is not None


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("correct horse", True),
        ("水务公司安全密码保护用户数据", True),
        ("short", False),
        ("x" * 201, False),
        ("aaaaaaaaaaaaaaaa", False),
        ("Ann-1234567890", False),
        ("correct horse" * 10, True),
    ],
)
def test_a_password_is_long_and_not_easy_to_guess(password, fits):
    assert (password_fault(password, "ann") is None) is fits


def test_a_leader_has_a_team_and_a_steward_a_crew():
    assert set(post_faults("team_leader", None, None)) == {"team_id"}
    assert set(post_faults("crew", None, None)) == {"crew_id"}
    assert set(post_faults("king", None, None)) == {"role"}
    assert not post_faults("team_leader", 1, None)
    assert not post_faults("crew", None, 1)
    assert not any(
        post_faults(role, None, None) for role in set(Role) - {Role.CREW, Role.TEAM_LEADER}
    )


@pytest.mark.parametrize(
    ("phone", "email", "channel", "wrong"),
    [
        (None, None, None, set()),
        ("138 0000 5678", "li.na@water.example", "sms", set()),
        ("12", None, None, {"phone"}),
        (None, "li.na", None, {"email"}),
        (None, f"{'a' * 250}@b.example", None, {"email"}),
        (None, None, "pigeon", {"alert_channel"}),
        (None, None, "sms", {"phone"}),
        (None, None, "email", {"email"}),
        (None, None, "wecom", set()),
    ],
)
def test_each_wrong_way_to_reach_a_person_is_named(phone, email, channel, wrong):
    assert set(contact_faults(phone, email, channel)) == wrong
