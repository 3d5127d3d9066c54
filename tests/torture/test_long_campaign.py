"""The long campaign, ``make torture``: three hundred towns with every fault many times, two hundred kills, failures at every write."""

from __future__ import annotations

import errno
import io
import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from built import hashes
from campaign import ask, check_campaign, killed_at_random, sound_county
from faults import FAULTS, YEAR, County, county
from nianbao import store
from nianbao.pipeline import Options
from nianbao.runs import Request, plan, run

pytestmark = pytest.mark.torture

TOWNS = 300
TIMES = 5
KILLS = 200
POINTS = 60


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Return a county of three sound towns, built once."""
    return sound_county(tmp_path_factory.mktemp("sound"))


def test_three_hundred_towns_with_every_fault(tmp_path: Path) -> None:
    check_campaign(tmp_path, healthy=TOWNS - TIMES * len(FAULTS), times=TIMES, jobs=2, seconds=40)


WRITING = ("open", "write", "fsync", "rename", "replace", "mkdir", "rmdir", "unlink")
"""Calls by which a build reaches the disk."""


class Failing:
    """Makes the ``n``-th call that changes the disk below a folder fail, as a full or broken disk would."""

    def __init__(self, below: Path, number: int, code: int) -> None:
        self.left = number
        self.hit = ""
        self._below, self._code = str(below), code

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with the failure in it."""

        def failing(*arguments: Any, **options: Any) -> Any:
            place = arguments[0]
            path = str(Path(f"/proc/self/fd/{place}").readlink()) if isinstance(place, int) else os.fsdecode(place)
            if (folder := options.get("dir_fd")) is not None:
                path = str(Path(f"/proc/self/fd/{folder}").readlink() / path)
            flags = arguments[1] if len(arguments) > 1 else "r"
            if name == "open":
                reads = not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else flags in ("r", "rb")
            else:
                reads = False
            if path.startswith(self._below) and not reads and "/.runs/" not in path:
                self.left -= 1
                if self.left == 0:
                    self.hit = name
                    raise OSError(self._code, os.strerror(self._code), path)
            return call(*arguments, **options)

        return failing


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_a_failure_at_every_write(sound: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    made = county(tmp_path, healthy=1)
    assert ask(made, "town000").code == 0
    before = made.hashes(["town000"])
    (tasks,) = (plan(made.project.root, ["town000"], Options(YEAR, ("html",), force=True, out=made.project.root / "outputs")),)
    hits = []
    for number in itertools.count(1):
        failing = Failing(made.folder("town000").parent, number, code)
        with monkeypatch.context() as patched:
            for name in WRITING:
                patched.setattr(os, name, failing.wrap(name, getattr(os, name)))
            patched.setattr(io, "open", failing.wrap("open", io.open))  # by which pathlib opens files
            (outcome,) = run(tasks, Request(), lambda _: None).outcomes
        if not failing.hit:
            break
        hits.append(failing.hit)
        assert outcome.state in ("refused", "built"), (number, failing.hit, outcome)
        place = made.folder("town000")
        standing = place if place.exists() else place.with_name(f".{place.name}.previous")
        assert hashes(standing) == before["town000"], (number, failing.hit)
        if number >= POINTS:
            break
    assert len(hits) >= POINTS // 3
    (outcome,) = run(tasks, Request(), lambda _: None).outcomes
    assert outcome.state == "built"
    assert made.hashes(["town000"]) == before
    assert store.leftovers(made.folder("town000").parent) == []


@pytest.mark.parametrize("free", range(0, 400_000, 20_000))
def test_a_disk_that_is_full_sooner_or_later(sound: County, tmp_path: Path, free: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=4m tmpfs '{disk}' 2>/dev/null"):
        pytest.skip("no disk may be mounted here")
    try:
        made = county(tmp_path / "county", healthy=1)
        out = ("--out", str(disk))
        assert ask(made, "town000", *out).code == 0
        before = hashes(disk / str(YEAR) / "town000")
        filler = disk / "filler"
        filler.write_bytes(b"x" * max(0, shutil.disk_usage(disk).free - free))
        done = ask(made, "town000", "--force", *out)
        assert hashes(disk / str(YEAR) / "town000") == before
        assert "Traceback" not in done.said
        filler.unlink()
        assert ask(made, "town000", "--force", *out).code == 0
        assert hashes(disk / str(YEAR) / "town000") == before
    finally:
        os.system(f"umount -l '{disk}'")


def test_two_hundred_kills(sound: County, tmp_path: Path) -> None:
    killed_at_random(sound, tmp_path, kills=KILLS, seed=2)
