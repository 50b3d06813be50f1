"""Do the addresses of saved views keep them, once for a key, for those who may?"""

from __future__ import annotations

import pytest

from tests.visitors import visitor

PATH = "/api/v1/views"
VIEW = {"name": "Late bursts", "filters": {"level": "2,1,1", "due": "over", "q": ""}}


def listed(client):
    return [(each["name"], each["filters"]) for each in client.get(PATH).json["views"]]


def test_a_view_is_kept_once_for_a_key_and_read_back(sign_in):
    ann = sign_in("dispatcher")
    replies = [ann.post(PATH, json=VIEW, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json == replies[1].json
    assert replies[1].headers["Idempotent-Replayed"] == "true"
    assert listed(ann) == [("Late bursts", {"level": "1,2", "due": "over"})]


def test_a_change_needs_the_version_that_was_seen(sign_in):
    ann = sign_in("dispatcher")
    view = ann.post(PATH, json=VIEW).json["view"]
    address = f"{PATH}/{view['id']}"
    wanted = {"name": "Now", "filters": {"grid": "West"}, "shared": True}
    assert ann.post(address, json=wanted).status_code == 428
    assert ann.post(address, json=wanted, headers={"If-Match": '"9"'}).status_code == 409
    changed = ann.post(address, json=wanted, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert listed(sign_in("call_taker")) == [("Now", {"grid": "West"})]


def test_a_deletion_is_undone(sign_in):
    ann = sign_in("dispatcher")
    view = ann.post(PATH, json=VIEW).json["view"]
    address = f"{PATH}/{view['id']}"
    gone = ann.post(f"{address}/delete", json={}, headers={"If-Match": '"1"'}).json["view"]
    assert (gone["deleted"], gone["version"], listed(ann)) == (True, 2, [])
    back = ann.post(f"{address}/restore", json={}, headers={"If-Match": '"2"'})
    assert back.json["view"]["deleted"] is False
    assert len(listed(ann)) == 1


@pytest.mark.parametrize(
    "filters",
    [{"level": "9"}, {"show": "mine"}, {"colour": "red"}, {"category": "x"}, {"due": "never"}],
)
def test_filters_outside_the_list_are_refused_by_name(sign_in, filters):
    refused = sign_in("dispatcher").post(PATH, json={"name": "x", "filters": filters})
    assert refused.status_code == 422
    assert list(refused.json["error"]["fields"]) == [f"filters.{next(iter(filters))}"]


def test_strangers_crews_and_other_sites_keep_nothing(app, sign_in):
    assert visitor(app).post(PATH, json=VIEW).status_code == 401
    assert sign_in("crew").get(PATH).status_code == 403
    taker = sign_in("call_taker")
    assert taker.post(PATH, json=VIEW | {"shared": True}).status_code == 403
    taker.carries_token = False
    assert taker.post(PATH, json=VIEW).status_code == 400
    assert listed(taker) == []
