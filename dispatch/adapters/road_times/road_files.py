"""Which road graph lies in a folder or file on this machine?"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from dispatch.domain.file_faults import FileFaults
from dispatch.domain.osm_xml import read_osm_xml
from dispatch.domain.overpass_roads import read_overpass
from dispatch.domain.road_tables import ARCS_FILE, NODES_FILE, RoadNetwork, read_road_tables
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from dispatch.domain.errors import Invalid

PACKED_TABLES = "roads.tar.gz"
MOST_BYTES = 512 * 1024 * 1024


def read_roads(path: Path) -> RoadNetwork:
    """Read `nodes.csv` and `arcs.csv` of a folder, or an OpenStreetMap file.

    The tables may lie in the folder's `roads.tar.gz`; a file is Overpass JSON unless its name ends
    in `.osm` or `.xml`, and may be packed as `.gz`.

    Raises:
        Invalid: naming file, line and field of what cannot be read.
    """
    if path.is_file():
        is_xml = any(suffix.lower() in {".osm", ".xml"} for suffix in path.suffixes)
        return (read_osm_xml if is_xml else read_overpass)(_content(path), path.name)
    packed = path / PACKED_TABLES
    if not (path / NODES_FILE).exists() and packed.exists():
        tables = _unpacked(packed)
    else:
        tables = {name: _content(path / name) for name in (NODES_FILE, ARCS_FILE)}
    return read_road_tables(tables[NODES_FILE], tables[ARCS_FILE])


def _content(path: Path) -> bytes:
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as unpacked:
                return _whole(unpacked, path.name)
        with path.open("rb") as file:
            return _whole(file, path.name)
    except (OSError, EOFError, zlib.error) as fault:
        raise _unreadable(path, fault) from fault


def _unpacked(path: Path) -> dict[str, bytes]:
    found = {}
    try:
        with tarfile.open(path) as packed:
            for member in packed:
                name = PurePosixPath(member.name).name
                file = packed.extractfile(member) if name in {NODES_FILE, ARCS_FILE} else None
                if file is not None:
                    found[name] = _whole(file, name)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as fault:
        raise _unreadable(path, fault) from fault
    for name in (NODES_FILE, ARCS_FILE):
        if name not in found:
            raise FileFaults(path.name).refuse(say("It holds no %(file)s.", file=name))
    return found


def _whole(file: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileFaults(name).refuse(say("The file is larger than 512 MB: cut out your area."))
    return content


def _unreadable(path: Path, fault: Exception) -> Invalid:
    reason = getattr(fault, "strerror", None) or type(fault).__name__
    return FileFaults(str(path)).refuse(say("It cannot be read: %(reason)s.", reason=reason))
