"""How is this installation set up, and is anything wrong with it?"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from dispatch.adapters.secret_file import shared_secret
from dispatch.domain.findings import read_minutes
from dispatch.domain.life_safety import read_rescue_numbers
from dispatch.domain.map_tiles import is_map_view, is_tile_address
from dispatch.domain.messages import read_quiet_hours
from dispatch.domain.sentences import say
from dispatch.domain.setting_values import (
    are_headers,
    are_weights,
    can_read,
    is_database_address,
    is_plain_address,
    is_web_address,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.domain.look_ahead import Weights
    from dispatch.domain.sentences import Sentence

PREFIX = "ONEVISIT_"
LANGUAGES = ("en", "zh-CN")
SHORTEST_SECRET = 24
TRAVEL_SOURCES = ("straight", "roads", "osrm", "valhalla", "amap", "baidu")
LONGEST_TRAVEL_SECONDS = 30
_LAST_PORT = 65535
_WHOLE = 100
_LONGEST_TRACK_DAYS = 30
_LONGEST_DRIVE_MINUTES, _DAY_HOURS = 60, 24
_MOST_PHOTO_MEGABYTES, _MOST_REPORT_PHOTOS = 50, 50
_AT_LEAST_ONE = say("use a whole number of at least 1")


class SettingsError(Exception):
    """One or more settings are wrong; `faults` names each setting and its mend."""

    def __init__(self, faults: list[Sentence]) -> None:
        """Keep every fault, so that all can be mended at once."""
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class _UnusableError(ValueError):
    """The text of a setting cannot be read; the sentence says why."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


def setting(meaning: Sentence, default: Any, *, secret: bool = False) -> Any:
    """Declare a setting with the sentence that `onevisit config` prints beside it."""
    return field(default=default, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Every setting; each comes from `ONEVISIT_<NAME>`, a secret also from `…_FILE`."""

    database_url: str = setting(
        say("Where the tickets are kept; empty is SQLite in the data folder"), ""
    )
    secret_key: str = setting(say("Signs forms; at least 24 characters"), "", secret=True)
    time_zone: str = setting(say("The utility's time zone"), "UTC")
    language: str = setting(say("Language when the browser names none: en or zh-CN"), "en")
    data_dir: Path = setting(
        say("Folder for the embedded database and the secret"), Path("onevisit-data")
    )
    base_url: str = setting(say("Address residents reach this server at"), "http://127.0.0.1:8000")
    live_url: str = setting(say("Address of the stream of changes; empty has desks ask"), "")
    utility_name: str = setting(say("Name of the utility, shown on every page"), "OneVisit Water")
    hotline: str = setting(say("Telephone number residents call when life is in danger"), "112")
    rescue_numbers: str = setting(say("Police, fire brigade and ambulance"), "110,119,120")
    trusted_hosts: str = setting(
        say("Host names this server answers to, with commas; empty is any"), ""
    )
    trusted_proxies: int = setting(say("How many proxies stand in front of the server"), 0)
    map_center: str = setting(say("Latitude, longitude and zoom of an empty map"), "28.2,112.97,11")
    basemap_url: str = setting(say("Tile address with {x} {y} {z}; empty draws grids only"), "")
    basemap_datum: str = setting(say("Datum of the tiles: wgs84 or gcj02"), "wgs84")
    basemap_attribution: str = setting(say("Text the map provider asks for"), "")
    geocoder: str = setting(say("Online geocoder: none, nominatim, amap or baidu"), "none")
    geocoder_url: str = setting(say("Host or address of the geocoder, if not its usual one"), "")
    geocoder_key: str = setting(say("Key of the geocoder"), "", secret=True)
    travel: str = setting(
        say("Source of travel times: straight, roads, osrm, valhalla, amap or baidu"), "straight"
    )
    travel_url: str = setting(say("Address of the road server"), "")
    travel_key: str = setting(say("Key of the road server"), "", secret=True)
    travel_seconds: int = setting(say("Seconds within which a road server must answer"), 2)
    roads_dir: Path = setting(
        say("Folder of nodes.csv and arcs.csv, or an OpenStreetMap file"), Path("roads")
    )
    planner_home_minutes: int = setting(
        say("Minutes of driving that sending the owning team is worth"), 5
    )
    planner_stay_minutes: int = setting(
        say("Minutes of driving that must be saved before a crew on its way is turned"), 10
    )
    planner_patience_hours: int = setting(
        say("Hours after which a late ticket no longer waits for quiet"), 6
    )
    planner_level_weights: str = setting(
        say("What keeping the promise weighs at levels 1, 2 and 3, with commas"), "4,2,1"
    )
    planner_recall_minutes: int = setting(
        say("Minutes past its time until a crew that does not answer is called back; 0 never"), 5
    )
    planner_continuity_minutes: int = setting(
        say("Minutes of driving that sending the crew is worth that was last at the household"), 2
    )
    planner_continuity_months: int = setting(
        say("Months for which a crew knows a household after its visit; 0 never"), 12
    )
    planner_fairness_minutes: int = setting(
        say("Minutes of driving that each visit fewer this shift than the mean is worth"), 1
    )
    planner_storm_first: int = setting(
        say("How many times its weight a household that needs water first has in a storm"), 2
    )
    smtp_host: str = setting(say("Mail server; empty sends no e-mail"), "")
    smtp_port: int = setting(say("Port of the mail server"), 587)
    smtp_security: str = setting(say("starttls, tls, or none for a server beside us"), "starttls")
    smtp_user: str = setting(say("Name at the mail server"), "")
    smtp_password: str = setting(say("Password at the mail server"), "", secret=True)
    smtp_from: str = setting(say("Sender of our e-mails"), "")
    sms_url: str = setting(say("Address of the text message gateway"), "", secret=True)
    sms_body: str = setting(
        say("What the gateway is sent: JSON or a form with {phone}, {text} and {id}"),
        '{"phone": "{phone}", "text": "{text}", "id": "{id}"}',
    )
    sms_headers: str = setting(say("Headers for the gateway, a JSON object"), "", secret=True)
    sms_success: str = setting(say("Text that the gateway's answer must hold"), "")
    wecom_url: str = setting(say("Address of a WeCom group robot"), "", secret=True)
    dingtalk_url: str = setting(say("Address of a DingTalk group robot"), "", secret=True)
    dingtalk_secret: str = setting(say("Signs for the DingTalk robot"), "", secret=True)
    feishu_url: str = setting(say("Address of a Feishu group robot"), "", secret=True)
    feishu_secret: str = setting(say("Signs for the Feishu robot"), "", secret=True)
    apprise_url: str = setting(
        say("Address of a service that apprise knows; {recipient} is filled in"), "", secret=True
    )
    vapid_private_key: str = setting(
        say("Signs pushes to browsers; made by `onevisit vapid`"), "", secret=True
    )
    vapid_contact: str = setting(say("Whom push services may ask: mailto:…"), "")
    webhook_hosts: str = setting(say("Internal hosts that webhooks may call, with commas"), "")
    webhook_http: bool = setting(say("Whether webhooks may use http"), default=False)
    message_seconds: int = setting(say("Seconds within which a message must be taken"), 10)
    quiet_hours: str = setting(
        say("When residents get only what is urgent; empty is never"), "22:00-07:00"
    )
    planner_planned_coverage: int = setting(
        say("Coverage in percent that every grid must keep for a planned visit"), 80
    )
    backups_kept: int = setting(say("Daily copies of the database that are kept; 0 makes none"), 7)
    track_days: int = setting(say("Days for which the ways of crews on shift are kept"), 7)
    figures_megabytes: int = setting(say("Megabytes of facts that a process keeps in memory"), 96)
    photo_megabytes: int = setting(say("Megabytes that a photo may have when it is sent"), 15)
    photos_per_report: int = setting(say("Photos that one report may have"), 10)
    photos_after_to_residents: bool = setting(
        say("Whether reporters see the photos that crews take after the work"), default=False
    )
    finding_metres: int = setting(say("Metres from the place where a tap is asked about"), 300)
    finding_minutes: str = setting(
        say("Minutes on site under which a repair of levels 1 to 4 is asked about, with commas"),
        "10,5,3,1",
    )
    finding_photo_minutes: int = setting(
        say("Minutes before the arrival from which on a photo is asked about"), 60
    )
    finding_many: int = setting(
        say("Corrections, or residents not reached, of one person in a week to ask about"), 5
    )
    session_hours: int = setting(say("Hours until a browser must sign in again"), 12)
    demo: bool = setting(
        say("Whether this is the demo, which shows sign-ins; never in real work"), default=False
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment.

        Raises:
            SettingsError: naming every fault at once.
        """
        faults: list[Sentence] = []
        given: dict[str, Any] = {}
        for each in fields(cls):
            try:
                value = _read(environ, each.name, secret=each.metadata["secret"])
                if value is not None:
                    given[each.name] = _convert(value, each.default)
            except _UnusableError as fault:
                faults.append(_fault(_key(each.name), fault.why))
        faults += _unknown(environ, {each.name for each in fields(cls)})
        settings = cls(**given)
        faults += settings.faults()
        if faults:
            raise SettingsError(faults)
        return settings

    def faults(self) -> list[Sentence]:
        """Return a sentence for each setting whose value cannot be used."""
        asked = (
            ("time_zone", self.time_zone in available_timezones(),
             say("there is no time zone “%(value)s”; use one such as Asia/Shanghai",
                 value=self.time_zone)),
            ("language", self.language in LANGUAGES,
             say("“%(value)s” is no language; use en or zh-CN", value=self.language)),
            ("secret_key", not self.secret_key or len(self.secret_key) >= SHORTEST_SECRET,
             say("shorter than 24 characters; make it longer")),
            ("database_url", not self.database_url or is_database_address(self.database_url),
             say("use sqlite:///… or postgresql://…, with one port after the last host")),
            ("geocoder", self.geocoder in {"none", "nominatim", "amap", "baidu"},
             say("use none, nominatim, amap or baidu")),
            ("basemap_url", not self.basemap_url or is_tile_address(self.basemap_url),
             say("use https://host/… with {x}, {y} and {z}, without spaces")),
            ("basemap_datum", self.basemap_datum in {"wgs84", "gcj02"}, say("use wgs84 or gcj02")),
            ("track_days", 1 <= self.track_days <= _LONGEST_TRACK_DAYS,
             say("use a whole number from 1 to 30")),
            ("figures_megabytes", self.figures_megabytes >= 1, _AT_LEAST_ONE),
            ("backups_kept", 0 <= self.backups_kept <= _WHOLE,
             say("use a whole number from 0 to 100")),
            ("photo_megabytes", 1 <= self.photo_megabytes <= _MOST_PHOTO_MEGABYTES,
             say("use a whole number from 1 to 50")),
            ("photos_per_report", 1 <= self.photos_per_report <= _MOST_REPORT_PHOTOS,
             say("use a whole number from 1 to 50")),
            ("finding_metres", self.finding_metres >= 1, _AT_LEAST_ONE),
            ("finding_photo_minutes", self.finding_photo_minutes >= 1, _AT_LEAST_ONE),
            ("finding_many", self.finding_many >= 1, _AT_LEAST_ONE),
            ("finding_minutes", can_read(read_minutes, self.finding_minutes),
             say("use four numbers of minutes with commas, such as 10,5,3,1")),
            ("session_hours", self.session_hours >= 1, _AT_LEAST_ONE),
            ("base_url", self.base_url.startswith(("http://", "https://")),
             say("begin with http:// or https://")),
            ("map_center", is_map_view(self.map_center),
             say("use latitude, longitude and zoom, such as 28.2,112.97,11")),
        )  # fmt: skip
        rules = (*asked, *self._travel_rules(), *self._planner_rules(), *self._message_rules())
        return [_fault(_key(name), why) for name, is_usable, why in rules if not is_usable]

    def _travel_rules(self) -> tuple[tuple[str, bool, Sentence], ...]:
        return (
            ("travel", self.travel in TRAVEL_SOURCES,
             say("use straight, roads, osrm, valhalla, amap or baidu")),
            ("travel_url", bool(self.travel_url) or self.travel not in {"osrm", "valhalla"},
             say("give the address of the road server, such as http://localhost:5000")),
            ("travel_url", not self.travel_url or is_plain_address(self.travel_url),
             say("use http://host:port or https://host, without a name, a password or a query")),
            ("travel_key", bool(self.travel_key) or self.travel not in {"amap", "baidu"},
             say("give the key that the map provider issued")),
            ("travel_seconds", 1 <= self.travel_seconds <= LONGEST_TRAVEL_SECONDS,
             say("use a whole number from 1 to 30")),
        )  # fmt: skip

    def _planner_rules(self) -> tuple[tuple[str, bool, Sentence], ...]:
        named = ("home_minutes", "stay_minutes", "recall_minutes", "continuity_minutes",
                 "fairness_minutes", "continuity_months")  # fmt: skip
        settings = {name: getattr(self, name) for name in (f"planner_{each}" for each in named)}
        return (
            *((name, 0 <= value <= _LONGEST_DRIVE_MINUTES, say("use a whole number from 0 to 60"))
              for name, value in settings.items()),
            ("planner_patience_hours", 1 <= self.planner_patience_hours <= _DAY_HOURS,
             say("use a whole number from 1 to 24")),
            ("planner_level_weights", are_weights(self.planner_level_weights),
             say("use three numbers above 0 with commas, such as 4,2,1")),
            ("planner_storm_first", 1 <= self.planner_storm_first <= _WHOLE,
             say("use a whole number from 1 to 100")),
            ("planner_planned_coverage", 0 <= self.planner_planned_coverage <= _WHOLE,
             say("use a whole number from 0 to 100")),
        )  # fmt: skip

    def _message_rules(self) -> tuple[tuple[str, bool, Sentence], ...]:
        robots = (self.sms_url, self.wecom_url, self.dingtalk_url, self.feishu_url, self.live_url)
        names = ("sms_url", "wecom_url", "dingtalk_url", "feishu_url", "live_url")
        return (
            *((name, not url or is_web_address(url), say("begin with http:// or https://"))
              for name, url in zip(names, robots, strict=True)),
            ("smtp_security", self.smtp_security in {"starttls", "tls", "none"},
             say("use starttls, tls or none")),
            ("smtp_port", 1 <= self.smtp_port <= _LAST_PORT,
             say("use a whole number from 1 to 65535")),
            ("smtp_from", not self.smtp_host or "@" in self.smtp_from,
             say("give the sender's address, such as desk@water.example")),
            ("sms_headers", not self.sms_headers or are_headers(self.sms_headers),
             say('use a JSON object of texts, such as {"X-Key": "…"}')),
            ("vapid_contact",
             not self.vapid_private_key or self.vapid_contact.startswith("mailto:"),
             say("give an address such as mailto:desk@water.example")),
            ("message_seconds", 1 <= self.message_seconds <= LONGEST_TRAVEL_SECONDS,
             say("use a whole number from 1 to 30")),
            ("quiet_hours", can_read(read_quiet_hours, self.quiet_hours),
             say("use two times of day, such as 22:00-07:00")),
            ("rescue_numbers", can_read(read_rescue_numbers, self.rescue_numbers),
             say("use three telephone numbers with commas, such as 110,119,120")),
        )  # fmt: skip

    @property
    def planner_levels(self) -> tuple[float, ...]:
        """Return what a promise to levels 1 to 4 weighs; an enquiry weighs as level 3."""
        weights = tuple(float(part) for part in self.planner_level_weights.split(","))
        return (*weights, weights[-1])

    @property
    def planner_weights(self) -> Weights:
        """Return what each wish counts, at the planner and where one ticket is looked at alone."""
        from dispatch.domain.look_ahead import Weights  # noqa: PLC0415  loads SciPy

        return Weights(
            home=self.planner_home_minutes,
            stay=self.planner_stay_minutes,
            patience_seconds=timedelta(hours=self.planner_patience_hours).total_seconds(),
            continuity=self.planner_continuity_minutes,
            evenness=self.planner_fairness_minutes,
            first=self.planner_storm_first,
        )

    @property
    def zone(self) -> ZoneInfo:
        """Return the utility's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def sqlalchemy_url(self) -> str:
        """Return the address SQLAlchemy opens, with our drivers named."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'onevisit.sqlite3').resolve()}"
        if self.database_url.startswith("postgresql://"):
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return self.database_url

    def secret(self) -> str:
        """Return the signing secret, made and kept in the data folder when none is set."""
        if self.secret_key:
            return self.secret_key
        return shared_secret(self.data_dir / "secret_key")


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    key = _key(name)
    if secret and f"{key}_FILE" in environ:
        path = Path(environ[f"{key}_FILE"])
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as fault:
            why = say("cannot read %(file)s: %(reason)s", file=str(path), reason=fault.strerror)
            raise _UnusableError(why) from fault
        except UnicodeDecodeError as fault:
            raise _UnusableError(say("%(file)s is no UTF-8 text", file=str(path))) from fault
    return environ.get(key)


def _convert(value: str, default: Any) -> Any:
    if isinstance(default, bool):
        if value.lower() not in {"0", "1", "true", "false", "yes", "no", ""}:
            raise _UnusableError(say("“%(value)s” is neither yes nor no", value=value))
        return value.lower() in {"1", "true", "yes"}
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            raise _UnusableError(say("“%(value)s” is not a whole number", value=value)) from None
    if isinstance(default, Path):
        return Path(value)
    return value


def _unknown(environ: Mapping[str, str], known: set[str]) -> list[Sentence]:
    names = known | {f"{name}_file" for name in known} | {"shared_data", "chromium"}
    return [
        _fault(key, say("there is no such setting; `onevisit config` lists them"))
        for key in sorted(environ)
        if key.startswith(PREFIX) and key.removeprefix(PREFIX).lower() not in names
    ]


def _fault(key: str, why: Sentence) -> Sentence:
    return say("%(setting)s: %(fault)s", setting=key, fault=why)


def _key(name: str) -> str:
    return PREFIX + name.upper()
