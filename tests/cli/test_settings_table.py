"""Does `onevisit config` show and explain every setting, and every fault, to its reader?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields

import pytest

from dispatch.cli.settings_table import setting_rows, without_password
from dispatch.config import LANGUAGES, PREFIX, Settings, SettingsError
from tests.architecture.sources import ROOT
from tools.catalogue import read

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WRONG = {
    "TIME_ZONE": ("Mars", "no time zone “Mars”", "没有“Mars”这个时区"),
    "LANGUAGE": ("xx", "“xx” is no language", "没有“xx”这种语言"),
    "SECRET_KEY": ("short", "shorter than 24 characters", "不足 24 个字符"),
    "DATABASE_URL": ("mysql://host/name", "use sqlite:///…", "请用 sqlite:///…"),
    "GEOCODER": ("google", "use none, nominatim", "请用 none、nominatim"),
    "BASEMAP_DATUM": ("nad27", "use wgs84 or gcj02", "请用 wgs84 或 gcj02"),
    "TRACK_DAYS": ("31", "use a whole number from 1 to 30", "请用 1 到 30 的整数"),
    "SESSION_HOURS": ("many", "“many” is not a whole number", "“many”不是整数"),
    "BASE_URL": ("water.example", "begin with http://", "请以 http://"),
    "MAP_CENTER": ("28.2;112.97", "use latitude", "请写纬度"),
    "DEMO": ("perhaps", "“perhaps” is neither", "“perhaps”既不是"),
    "GEOCODER_KEY_FILE": ("/no/such/file", "cannot read /no/such/file", "无法读取 /no/such/file"),
    "NONSENSE": ("1", "there is no such setting", "没有这个设置项"),
}


@pytest.fixture(params=["en", "zh-CN"])
def shell(request, monkeypatch):
    """Return the language of the shell, which counts where the setting of it is wrong."""
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "zh-CN": "zh_CN.UTF-8"}[request.param])
    return request.param


@sqlite_only
def test_everything_is_shown_but_secrets(cli, environment):
    environment["ONEVISIT_GEOCODER_KEY"] = "a key of ours"
    result = cli("config")
    assert result.exit_code == 0
    for secret in ("a key of ours", environment["ONEVISIT_SECRET_KEY"]):
        assert secret not in result.stdout
    rows = {row["name"]: row for row in json.loads(cli("config", "--json").stdout)["settings"]}
    assert len(rows) == len(fields(Settings))
    assert rows["ONEVISIT_TIME_ZONE"]["source"] == "environment"
    assert rows["ONEVISIT_HOTLINE"]["source"] == "default"


@sqlite_only
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_meaning_is_in_the_readers_language(cli, environment, language):
    environment["ONEVISIT_LANGUAGE"] = language
    shown = cli("config").stdout
    rows = {r["name"]: r["meaning"] for r in json.loads(cli("config", "--json").stdout)["settings"]}
    chinese = {message.id: message.string for message in read()}
    for each in fields(Settings):
        text = each.metadata["meaning"].text
        meaning = chinese.get(text) if language == "zh-CN" else text
        assert f"    {meaning}\n" in shown
        assert rows[PREFIX + each.name.upper()] == meaning


@sqlite_only
def test_every_fault_is_named_at_once_in_the_readers_language(cli, environment, shell):
    environment |= {f"{PREFIX}{name}": value for name, (value, *_) in WRONG.items()}
    result = cli("config")
    assert result.exit_code == 2
    said = result.stderr.splitlines()
    assert len(said) == len(WRONG)
    for name, (_, english, in_chinese) in WRONG.items():
        setting = PREFIX + name.removesuffix("_FILE")
        [line] = [each for each in said if each.startswith((f"{setting}: ", f"{setting}："))]
        assert (in_chinese if shell == "zh-CN" else english) in line


def test_a_secret_that_is_no_text_is_a_fault(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no UTF-8 text"):
        Settings.from_env({"ONEVISIT_GEOCODER_KEY_FILE": str(file)})


@pytest.mark.parametrize(("language", "said"), [("en", "no time zone"), ("zh-CN", "这个时区")])
def test_a_web_server_that_cannot_start_says_why(language, said):
    wrong = {"ONEVISIT_TIME_ZONE": "Mars", "ONEVISIT_LANGUAGE": language}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=os.environ | wrong,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]


def test_where_a_setting_is_from(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x" * 30, encoding="utf-8")
    rows = {r["name"]: r for r in setting_rows({"ONEVISIT_SECRET_KEY_FILE": str(secret)})}
    assert rows["ONEVISIT_SECRET_KEY"]["source"] == "file"
    rows = {r["name"]: r for r in setting_rows({})}
    assert rows["ONEVISIT_SECRET_KEY"]["source"] == "made"
    with pytest.raises(SettingsError):
        setting_rows({"ONEVISIT_LANGUAGE": "xx"})
    assert "pw" not in without_password("postgresql://me:pw@host/db")
    assert without_password("no address") == "••••••"


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("HOME_MINUTES", "61", "from 0 to 60"),
        ("STAY_MINUTES", "-1", "from 0 to 60"),
        ("RECALL_MINUTES", "61", "from 0 to 60"),
        ("CONTINUITY_MINUTES", "61", "from 0 to 60"),
        ("CONTINUITY_MONTHS", "-1", "from 0 to 60"),
        ("FAIRNESS_MINUTES", "61", "from 0 to 60"),
        ("PATIENCE_HOURS", "0", "from 1 to 24"),
        ("PATIENCE_HOURS", "25", "from 1 to 24"),
        ("LEVEL_WEIGHTS", "4,2", "such as 4,2,1"),
        ("LEVEL_WEIGHTS", "4,2,0", "such as 4,2,1"),
        ("LEVEL_WEIGHTS", "4,2,nan", "such as 4,2,1"),
        ("LEVEL_WEIGHTS", "inf,2,1", "such as 4,2,1"),
        ("LEVEL_WEIGHTS", "a,b,c", "such as 4,2,1"),
    ],
)
def test_a_wish_that_the_planner_cannot_weigh_is_refused(name, value, mend):
    with pytest.raises(SettingsError, match=f"ONEVISIT_PLANNER_{name}: .*{mend}"):
        Settings.from_env({f"ONEVISIT_PLANNER_{name}": value})


def test_the_planners_wishes_are_read():
    settings = Settings.from_env({"ONEVISIT_PLANNER_LEVEL_WEIGHTS": "5, 3, 1"})
    assert settings.planner_levels == (5.0, 3.0, 1.0, 1.0)


def test_the_planners_minutes_become_its_weights():
    names = ("HOME_MINUTES", "STAY_MINUTES", "CONTINUITY_MINUTES", "FAIRNESS_MINUTES")
    given = {f"ONEVISIT_PLANNER_{name}": str(at) for at, name in enumerate(names, 1)}
    weights = Settings.from_env(given | {"ONEVISIT_PLANNER_PATIENCE_HOURS": "2"}).planner_weights
    assert (weights.home, weights.stay, weights.continuity, weights.evenness) == (1, 2, 3, 4)
    assert weights.patience_seconds == 7200
