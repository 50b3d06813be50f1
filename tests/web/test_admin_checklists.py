"""Does an administrator change the lists by their form, and is nothing typed lost?"""

from __future__ import annotations

import pytest

from dispatch.queries.checklists import checklist_in_force


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


def rows(name, *items: tuple[str, str, str, bool, int]):
    """Return the fields of the form for some items: key, English, Chinese, required, place."""
    fields = {}
    for at, (key, english, chinese, required, turn) in enumerate(items):
        part = f"{name}.{at}"
        fields |= {f"{part}.key": key, f"{part}.en": english, f"{part}.zh": chinese}
        fields |= {f"{part}.turn": str(turn)} | ({f"{part}.required": "yes"} if required else {})
    return fields


FORM = {
    "version": "0",
    "reason": "after an accident",
    **rows(
        "safety",
        ("traffic", "Cones stand", "摆好锥桶", False, 2),
        ("", "Test the air", "检测空气", True, 1),
        ("gas", "", "", True, 3),
    ),
    **rows("checks", ("", "Close the log", "关闭日志", True, 1)),
}


def test_every_kind_of_fault_is_listed_with_its_shipped_lists(boss):
    page = boss.get("/admin/checklists").text
    assert "Burst main" in page
    assert "as shipped" in page
    form = boss.get("/admin/checklists/burst").text
    assert 'value="Cones and signs stand, everybody wears a warning vest"' in form
    assert 'name="safety.0.zh" value=""' not in form
    assert boss.get("/admin/checklists/moon").status_code == 404


def test_what_is_typed_comes_into_force_in_its_order(app, boss):
    assert boss.post("/admin/checklists/burst", data=FORM).status_code == 303
    with app.app_context():
        found = checklist_in_force("burst")
    assert [(each.key, each.words, each.is_required) for each in found.lists.safety] == [
        ("burst_own_1", ("Test the air", "检测空气"), True),
        ("traffic", ("Cones stand", "摆好锥桶"), False),
    ]
    assert [each.key for each in found.lists.checks] == ["burst_own_2"]
    page = boss.get("/admin/checklists/burst").text
    assert "after an accident" in page
    assert 'value="检测空气"' in page
    assert "checklist" in boss.get("/admin/changes?subject=checklist").text
    shipped = boss.get("/admin/checklists/burst?shipped=1").text
    assert 'value="检测空气"' not in shipped
    again = FORM | {"version": "1", "safety.1.en": "Test it", "safety.1.key": ""}
    assert boss.post("/admin/checklists/burst", data=again).status_code == 303
    with app.app_context():
        assert checklist_in_force("burst").lists.safety[0].key == "burst_own_3"


def test_a_row_in_one_language_and_a_stale_form_come_back_as_typed(boss):
    half = FORM | {"safety.1.zh": ""}
    answer = boss.post("/admin/checklists/burst", data=half)
    assert answer.status_code == 422
    assert 'name="safety.0.en" value="Test the air"' in answer.text
    near = answer.text[answer.text.index('name="safety.0.zh"') :][:200]
    assert 'aria-invalid="true"' in near
    assert boss.post("/admin/checklists/burst", data=FORM).status_code == 303
    stale = boss.post("/admin/checklists/burst", data=FORM | {"safety.0.en": "Mine"})
    assert stale.status_code == 409
    assert 'value="Mine"' in stale.text


@pytest.mark.parametrize("role", ["manager", "dispatcher", "crew", "auditor"])
def test_only_administrators_change_lists(sign_in, role):
    visitor = sign_in(role)
    assert visitor.get("/admin/checklists").status_code == 403
    assert visitor.post("/admin/checklists/burst", data=FORM).status_code == 403
