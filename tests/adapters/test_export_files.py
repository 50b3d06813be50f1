"""Is the file of an export there whole or not at all, and is nothing left over?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.adapters.export_files import ExportFiles

LATER = datetime(2100, 1, 1, tzinfo=UTC)
KEY = "abcdefghijklmnop"


def test_a_file_has_its_name_once_it_is_whole(tmp_path):
    files = ExportFiles(tmp_path)
    assert files.keys() == []
    with files.writing(KEY) as out:
        out.write(b"rows")
        assert files.keys() == []
    assert files.path(KEY).read_bytes() == b"rows"
    assert files.path(KEY).stat().st_mode & 0o777 == 0o600
    assert files.keys() == [KEY]
    files.remove(KEY)
    files.remove(KEY)
    assert files.keys() == []


def test_one_that_breaks_off_leaves_nothing(tmp_path):
    files = ExportFiles(tmp_path)
    with pytest.raises(TypeError), files.writing(KEY) as out:
        out.writelines([b"half", None])
    assert list(files.folder.iterdir()) == []


def test_what_a_crash_left_is_swept_when_it_is_old(tmp_path):
    files = ExportFiles(tmp_path)
    files.folder.mkdir()
    (files.folder / "x.part").write_bytes(b"half")
    (files.folder / "sheets.part").mkdir()
    (files.folder / "sheets.part" / "one").write_bytes(b"half")
    assert files.sweep(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert files.sweep(LATER) == 2
    assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize("key", ["", "../secret_key", "a/b", "x.part", "a" * 65])
def test_a_key_leads_nowhere_else(tmp_path, key):
    with pytest.raises(ValueError, match="no key"):
        ExportFiles(tmp_path).path(key)
