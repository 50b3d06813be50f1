"""Which grids does a GeoJSON file draw, and which of its features cannot be one?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults, is_control, shown
from dispatch.domain.geometry_input import read_polygon
from dispatch.domain.place import Datum
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Zone

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.sentences import Sentence

NAME_FIELDS = ("name", "NAME", "Name", "nhood", "grid", "名称", "网格名称", "网格", "title")
CHINESE_NAME_FIELD = "name_zh"
LONGEST_NAME = 200
MOST_GRIDS = 20_000
WGS84_NAMES = ("CRS84", "4326")


@dataclass(frozen=True)
class GridFields:
    """Which properties of a feature say what, and in which datum the file is drawn.

    A field that is None is looked for (the name) or left as it was (team and zone).
    """

    name: str | None = None
    team: str | None = None
    zone: str | None = None
    datum: Datum = Datum.WGS84


@dataclass(frozen=True)
class GridDraft:
    """One grid as a file draws it: valid, in WGS-84, and whether its rings had to be repaired."""

    feature: int
    name: str
    shape: BaseGeometry
    name_zh: str | None = None
    team: str | None = None
    team_zh: str | None = None
    zone: Zone | None = None
    repaired: bool = False
    dropped: Sentence | None = None


def read_grid_features(content: bytes, file: str, fields: GridFields) -> list[GridDraft]:
    """Read every feature of a FeatureCollection as a grid.

    Raises Invalid naming the faults of all features, up to twenty; then none is taken.
    """
    faults = FileFaults(file)
    features = _features(content, faults)
    _check_given(features, fields, faults)
    name_field = fields.name or _name_field(features, faults)
    seen: dict[str, int] = {}
    drafts = []
    for number, feature in enumerate(features, start=1):
        draft = _draft(number, feature, name_field, fields, faults)
        if draft is None:
            continue
        first = seen.setdefault(draft.name, number)
        if first != number:
            reason = say(
                "“%(name)s” is the name of feature %(feature)s already: give each grid its own.",
                name=shown(draft.name),
                feature=first,
            )
            faults.add(reason, feature=number, field=name_field)
        drafts.append(draft)
    faults.check()
    return drafts


def _features(content: bytes, faults: FileFaults) -> list[dict[str, Any]]:
    collection = _json(content, faults)
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(collection, dict) or not isinstance(features, list):
        raise faults.refuse(
            say("This is not a GeoJSON FeatureCollection: export the layer as GeoJSON.")
        )
    if collection.get("crs") and not any(name in str(collection["crs"]) for name in WGS84_NAMES):
        raise faults.refuse(
            say("The file is in a map projection: export it in longitude and latitude (WGS 84)."),
            field="crs",
        )
    if not 0 < len(features) <= MOST_GRIDS:
        raise faults.refuse(
            say(
                "The file has %(count)s features: give at least one and at most %(limit)s.",
                count=len(features),
                limit=MOST_GRIDS,
            ),
            field="features",
        )
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            faults.add(say("This is not a Feature with properties."), feature=number)
    faults.check()
    return features


def _json(content: bytes, faults: FileFaults) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise faults.refuse(
            say("Byte %(byte)s is not UTF-8: save the file as UTF-8.", byte=fault.start + 1),
            line=content.count(b"\n", 0, fault.start) + 1,
        ) from fault
    except json.JSONDecodeError as fault:
        reason = say(
            "This is not JSON from character %(column)s of the line on: export the layer again.",
            column=fault.colno,
        )
        raise faults.refuse(reason, line=fault.lineno) from fault
    except (RecursionError, ValueError) as fault:
        raise faults.refuse(say("This is not JSON that can be read.")) from fault


def _check_given(features: list[dict[str, Any]], fields: GridFields, faults: FileFaults) -> None:
    """Refuse once a field that no feature has, and not once for each of them."""
    found = list(dict.fromkeys(name for each in features for name in each["properties"]))
    for given in (fields.name, fields.team, fields.zone):
        if given is not None and given not in found:
            reason = say(
                "No feature has a field of that name. Found: %(found)s.",
                found=", ".join(shown(name) for name in found) or "–",
            )
            faults.add(reason, field=given)
    faults.check()


def _name_field(features: list[dict[str, Any]], faults: FileFaults) -> str:
    found = features[0]["properties"]
    for name in NAME_FIELDS:
        if all(name in feature["properties"] for feature in features):
            return name
    raise faults.refuse(
        say(
            "No field names every grid. Say which one does with --name-field. Found: %(found)s.",
            found=", ".join(shown(name) for name in found) or "–",
        ),
        field="properties",
    )


def _draft(
    number: int,
    feature: dict[str, Any],
    name_field: str,
    fields: GridFields,
    faults: FileFaults,
) -> GridDraft | None:
    before = len(faults.found)
    properties = feature["properties"]
    name = _text(properties, name_field, number, faults)
    team = fields.team and _text(properties, fields.team, number, faults)
    zone = _zone(properties, fields.zone, number, faults)
    try:
        read = read_polygon(feature.get("geometry"), repair=True, datum=fields.datum)
    except Invalid as refusal:
        faults.add(_of_grid(name, refusal.sentence), feature=number, field="geometry")
        return None
    if len(faults.found) > before:
        return None
    return GridDraft(
        feature=number,
        name=name,
        shape=read.shape,
        name_zh=_chinese(properties, CHINESE_NAME_FIELD),
        team=team,
        team_zh=_chinese(properties, f"{fields.team}_zh") if fields.team else None,
        zone=zone,
        repaired=read.repaired,
        dropped=read.dropped,
    )


def _of_grid(name: str, reason: Sentence) -> Sentence:
    return say("“%(name)s”: %(reason)s", name=shown(name), reason=reason) if name else reason


def _text(properties: dict[str, Any], field: str, number: int, faults: FileFaults) -> str:
    value = properties.get(field)
    if field not in properties:
        reason = say(
            "There is no such field. Found: %(found)s.",
            found=", ".join(shown(name) for name in properties) or "–",
        )
    elif isinstance(value, bool) or not isinstance(value, str | int):
        reason = say("This must be a text.")
    elif not 0 < len(str(value).strip()) <= LONGEST_NAME:
        reason = say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME)
    elif is_control(str(value)):
        reason = say("A control character cannot stand in a name: remove it.")
    else:
        return str(value).strip()
    faults.add(reason, feature=number, field=field)
    return ""


def _zone(
    properties: dict[str, Any], field: str | None, number: int, faults: FileFaults
) -> Zone | None:
    if field is None:
        return None
    value = properties.get(field)
    if value in set(Zone):
        return Zone(value)
    reason = say("“%(value)s” is no zone: write town or suburb.", value=shown(value))
    faults.add(reason, feature=number, field=field)
    return None


def _chinese(properties: dict[str, Any], field: str) -> str | None:
    value = properties.get(field)
    return value.strip() or None if isinstance(value, str) and not is_control(value) else None
