"""Every hostile or mistaken file gets its own sentence, in bounded time and memory, and leaves nothing behind."""

from __future__ import annotations

import csv
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import FILES, SOUND, special

from nianbao.errors import GateError
from nianbao.files.confined import read_book
from nianbao.files.plaintext import _records
from nianbao.files.refusals import NOTICES, REFUSALS

SLOWNESS = os.environ.get("NIANBAO_SLOWNESS", "2" if "PYTEST_XDIST_WORKER" in os.environ else "1")
SECONDS = 2.0 * float(SLOWNESS)
"""What one file may take; a machine busy with other tests is given a factor."""
KILOBYTES = 500_000


def descriptors() -> set[str]:
    """Return the file descriptors this process holds open."""
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def peak() -> int:
    """Return the most memory this process has held, in kilobytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0])


def read_or_code(path: Path) -> str | None:
    """Return the code a file is refused with, None when it is read; hold time, memory and leftovers to the limits."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted from here
    own_before = peak()
    open_before = len(descriptors())
    began = time.perf_counter()
    error: GateError | None = None
    try:
        book = read_book(path)
        assert {notice.code for notice in book.notices} <= set(NOTICES)
    except GateError as refused:
        error = refused
    assert time.perf_counter() - began < SECONDS
    assert peak() - own_before < KILOBYTES
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < own_before + 2 * KILOBYTES  # what it inherits, and its own
    assert len(descriptors()) == open_before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    if error is None:
        return None
    assert str(error).startswith(path.name)
    assert "{" not in str(error) + error.finding.message("zh") + error.finding.remedy("zh")
    return error.code


@pytest.mark.parametrize(("name", "code", "make"), FILES, ids=[name for name, _, _ in FILES])
def test_a_hostile_file_gets_its_own_sentence(name: str, code: str | None, make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    assert read_or_code(path) == code


def test_what_is_no_plain_file_never_blocks(tmp_path: Path) -> None:
    for path, code in special(tmp_path).items():
        assert read_or_code(path) == code, path.name


def test_a_batch_goes_on_after_the_worst_file(tmp_path: Path) -> None:
    (tmp_path / "sound.xlsx").write_bytes(SOUND)
    worst = [make for name, code, make in FILES if code in ("out-of-memory", "bomb", "far-cell")][:4]
    for place, make in enumerate(worst):
        (tmp_path / f"{place}.xlsx").write_bytes(make())
        with pytest.raises(GateError):
            read_book(tmp_path / f"{place}.xlsx")
        assert read_book(tmp_path / "sound.xlsx").sheets[0].at(1, 2).value == 12  # type: ignore[union-attr]


def test_no_two_causes_share_a_sentence() -> None:
    for table in (REFUSALS, NOTICES):
        for lang in (0, 2):
            said = [sentence[lang] for sentence in table.values()]
            assert len(set(said)) == len(said)
            assert all(sentence[lang + 1] for sentence in table.values())


def test_reading_text_leaves_the_limits_of_the_csv_module_alone() -> None:
    usual = csv.field_size_limit()
    assert list(_records('a,"b"\n1,2\n', ",", quoted=True)) == [["a", "b"], ["1", "2"]]
    assert csv.field_size_limit() == usual
