"""Do all processes of a data folder sign with one secret, whoever made it and whenever?"""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from dispatch.adapters.secret_file import shared_secret
from dispatch.config import SHORTEST_SECRET, Settings

AT_ONCE = 8


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "new" / "secret_key"
    made = shared_secret(file)
    assert len(made) >= SHORTEST_SECRET
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert shared_secret(file) == made
    assert Settings(data_dir=file.parent).secret() == made
    assert shared_secret(tmp_path / "other") != made


def test_processes_that_start_together_make_one_secret(tmp_path):
    def start(number, gate):
        gate.wait(timeout=60)
        return shared_secret(tmp_path / str(number))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(50):
            gate = Barrier(AT_ONCE)
            started = [pool.submit(start, number, gate) for _ in range(AT_ONCE)]
            assert len({each.result() for each in started}) == 1


def test_a_file_that_a_killed_process_left_empty_is_filled(tmp_path):
    file = tmp_path / "secret_key"
    file.touch(mode=0o600)
    made = shared_secret(file)
    assert len(made) >= SHORTEST_SECRET
    assert shared_secret(file) == made


def test_a_secret_that_may_only_be_read_is_read(tmp_path, monkeypatch):
    file = tmp_path / "secret_key"
    file.write_text("kept by somebody else\n", encoding="utf-8")
    monkeypatch.setattr(os, "open", None)
    assert shared_secret(file) == "kept by somebody else"
