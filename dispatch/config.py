"""How is this installation set up, and is anything wrong with it?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ONEVISIT_"
LANGUAGES = ("en", "zh-CN")
SHORTEST_SECRET = 24


class SettingsError(Exception):
    """One or more settings are wrong; `faults` names each setting and its mend."""

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault, so that all can be mended at once."""
        super().__init__("\n".join(faults))
        self.faults = faults


def setting(text: str, default: Any, *, secret: bool = False) -> Any:
    """Declare a setting with the sentence that `onevisit config` prints beside it."""
    return field(default=default, metadata={"text": text, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Every setting; each comes from `ONEVISIT_<NAME>`, a secret also from `…_FILE`."""

    database_url: str = setting(
        "Where the tickets are kept; empty is SQLite in the data folder", ""
    )
    secret_key: str = setting("Signs forms; at least 24 characters", "", secret=True)
    time_zone: str = setting("The utility's time zone", "UTC")
    language: str = setting("Language when the browser names none: en or zh-CN", "en")
    data_dir: Path = setting(
        "Folder for the embedded database and the secret", Path("onevisit-data")
    )
    base_url: str = setting("Address residents reach this server at", "http://127.0.0.1:8000")
    utility_name: str = setting("Name of the utility, shown on every page", "OneVisit Water")
    hotline: str = setting("Telephone number residents call when life is in danger", "112")
    trusted_hosts: str = setting("Host names this server answers to, with commas; empty is any", "")
    trusted_proxies: int = setting("How many proxies stand in front of the server", 0)
    map_center: str = setting("Latitude, longitude and zoom of an empty map", "28.2,112.97,11")
    basemap_url: str = setting("Tile address with {x} {y} {z}; empty draws grids only", "")
    basemap_datum: str = setting("Datum of the tiles: wgs84 or gcj02", "wgs84")
    basemap_attribution: str = setting("Text the map provider asks for", "")
    geocoder: str = setting("Online geocoder: none, nominatim or baidu", "none")
    geocoder_url: str = setting("Host of a Nominatim server", "")
    geocoder_key: str = setting("Key of the geocoder", "", secret=True)
    session_hours: int = setting("Hours until a browser must sign in again", 12)
    demo: bool = setting("Whether this is the demo: shows sign-ins, allows a weak secret", False)  # noqa: FBT003

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment.

        Raises:
            SettingsError: naming every fault at once.
        """
        faults: list[str] = []
        given: dict[str, Any] = {}
        for each in fields(cls):
            try:
                value = _read(environ, each.name, secret=each.metadata["secret"])
                if value is not None:
                    given[each.name] = _convert(value, each.default)
            except ValueError as fault:
                faults.append(f"{PREFIX}{each.name.upper()}: {fault}")
        faults += _unknown(environ, {each.name for each in fields(cls)})
        settings = cls(**given)
        faults += settings.faults()
        if faults:
            raise SettingsError(faults)
        return settings

    def faults(self) -> list[str]:
        """Return a sentence for each setting whose value cannot be used."""
        found = []
        if self.time_zone not in available_timezones():
            found.append(f"ONEVISIT_TIME_ZONE: unknown zone {self.time_zone!r}; use Asia/Shanghai")
        if self.language not in LANGUAGES:
            found.append(
                f"ONEVISIT_LANGUAGE: {self.language!r} is not one of {', '.join(LANGUAGES)}"
            )
        if self.secret_key and len(self.secret_key) < SHORTEST_SECRET:
            found.append("ONEVISIT_SECRET_KEY: shorter than 24 characters; make it longer")
        if self.database_url and not self.database_url.startswith(("sqlite:", "postgresql")):
            found.append("ONEVISIT_DATABASE_URL: use sqlite:///… or postgresql://…")
        if self.geocoder not in {"none", "nominatim", "baidu"}:
            found.append("ONEVISIT_GEOCODER: use none, nominatim or baidu")
        if self.basemap_datum not in {"wgs84", "gcj02"}:
            found.append("ONEVISIT_BASEMAP_DATUM: use wgs84 or gcj02")
        if self.session_hours < 1:
            found.append("ONEVISIT_SESSION_HOURS: use a whole number of at least 1")
        if not self.base_url.startswith(("http://", "https://")):
            found.append("ONEVISIT_BASE_URL: begin with http:// or https://")
        if not _is_map_view(self.map_center):
            found.append(
                "ONEVISIT_MAP_CENTER: use latitude, longitude and zoom, such as 28.2,112.97,11"
            )
        return found

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
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()


def _is_map_view(text: str) -> bool:
    try:
        lat, lon, zoom = (float(part) for part in text.split(","))
    except ValueError:
        return False
    return abs(lat) <= 90 and abs(lon) <= 180 and 0 <= zoom <= 24  # noqa: PLR2004  degrees, zoom


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    key = PREFIX + name.upper()
    if secret and f"{key}_FILE" in environ:
        path = Path(environ[f"{key}_FILE"])
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as fault:
            message = f"cannot read {path}: {fault.strerror}"
            raise ValueError(message) from fault
    return environ.get(key)


def _convert(value: str, default: Any) -> Any:
    if isinstance(default, bool):
        if value.lower() not in {"0", "1", "true", "false", "yes", "no", ""}:
            message = f"{value!r} is neither yes nor no"
            raise ValueError(message)
        return value.lower() in {"1", "true", "yes"}
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            message = f"{value!r} is not a whole number"
            raise ValueError(message) from None
    if isinstance(default, Path):
        return Path(value)
    return value


def _unknown(environ: Mapping[str, str], known: set[str]) -> list[str]:
    names = known | {f"{name}_file" for name in known} | {"shared_data", "chromium"}
    return [
        f"{key}: there is no such setting; `onevisit config` lists them"
        for key in sorted(environ)
        if key.startswith(PREFIX) and key.removeprefix(PREFIX).lower() not in names
    ]
