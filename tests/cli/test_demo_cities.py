"""Does the demo show the reader's own city, and can everything be said in each?"""

from __future__ import annotations

import re
from random import Random

import pytest

from dispatch.cli.demo_cities import city_keys, default_city, read_city
from dispatch.cli.demo_movement import REMARKS
from dispatch.cli.demo_reports import read_reports
from dispatch.config import LANGUAGES
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.permissions import Role
from dispatch.domain.place import Point

CHINESE = re.compile(r"[\u4e00-\u9fff]")
cities = pytest.mark.parametrize("key", ["boston", "changsha"])


def test_two_cities_ship():
    assert city_keys() == ["boston", "changsha"]


@pytest.mark.parametrize(
    ("setting", "locale", "city"),
    [
        ("", "en_US.UTF-8", "boston"),
        ("", "zh_CN.UTF-8", "changsha"),
        ("", "fr_FR.UTF-8", "boston"),
        ("zh-CN", "en_US.UTF-8", "changsha"),
        ("en", "zh_CN.UTF-8", "boston"),
    ],
)
def test_the_city_follows_the_language_of_the_command(monkeypatch, setting, locale, city):
    monkeypatch.setenv("ONEVISIT_LANGUAGE", setting)
    monkeypatch.setenv("LC_ALL", locale)
    assert default_city() == city
    shown = read_city("changsha").shown_name
    assert shown == ("长沙供水（演示）" if city == "changsha" else "Changsha Water (demo)")


@cities
def test_a_city_can_say_whatever_is_reported_in_it(key):
    city = read_city(key)
    known = {rule.key for rule in CATEGORIES}
    types = {each.theirs for each in read_reports(city).past}
    reported = {kind for theirs in types for kind in city.kinds_of(theirs)}
    assert set(city.kinds) - {""} <= types
    assert reported <= set(city.words) <= known
    assert all(city.words.values())
    assert len(city.said.declined) == REMARKS
    assert city.language in LANGUAGES
    assert (city.call_taker.role, city.dispatcher.role) == (Role.CALL_TAKER, Role.DISPATCHER)


@cities
def test_the_texts_of_a_city_are_in_its_language(key):
    city = read_city(key)
    said = [*vars(city.said).values(), *vars(city.visitor).values(), *city.words.values()]
    texts = [text for each in said for text in (each if isinstance(each, list) else [each])]
    assert {bool(CHINESE.search(text)) for text in texts} == {city.language == "zh-CN"}


@cities
def test_reports_are_drawn_where_something_was_found(key):
    reports = read_reports(read_city(key))
    dice = Random(1)  # noqa: S311  made-up reports
    drawn = [reports.draw(dice) for _ in range(50)]
    assert {each.category for each in drawn} <= set(reports.city.words)
    assert (42.3594, -71.0587) not in {(each.lat, each.lon) for each in reports.past}


def test_a_point_has_the_address_of_the_nearest_past_ticket():
    reports = read_reports(read_city("changsha"))
    one = reports.past[7]
    assert reports.address_near(Point(one.lat, one.lon)) in {
        each.address for each in reports.past if (each.lat, each.lon) == (one.lat, one.lon)
    }
