"""The stamp of a build: what it takes for unchanged, what it hashes, and what makes it say nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nianbao import freshness, store
from nianbao.freshness import Options, Sources, fresh, stamp_path, write_stamp

YEAR, TOWN = 2020, "qingxi"
HOUR = 3600


@dataclass(frozen=True)
class Stamped:
    """A folder that looks like a project with one stamped build; every file an hour old."""

    root: Path
    options: Options

    @property
    def final(self) -> Path:
        return self.options.out / str(YEAR) / TOWN

    def stamp(self) -> None:
        """Stamp the build as it lies there."""
        files = {name: store.sha256_file(self.root / name) for name in ("data/qingxi/2020.xlsx", "params/townships/qingxi.yml")}
        shared = {name: store.sha256_file(self.root / name) for name in ("requirements.lock", "notebooks/overview.ipynb")}
        outputs = {path.name: store.sha256_file(path) for path in self.final.iterdir()}
        sources = Sources(files, shared, freshness.library_hash(), [TOWN], ["notebooks", "params/schemes"], YEAR)
        write_stamp(
            self.final,
            self.root,
            self.options,
            sources,
            outputs,
            begun_ns=time.time_ns(),
            warnings=3,
            unwritten="data/qingxi/2020.md",
        )

    def fresh(self) -> bool:
        """True when the stamp holds."""
        return fresh(self.root, TOWN, self.options) is not None


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stamped:
    """Return a stamped build whose files are old enough to be told by their times."""
    made = Stamped(tmp_path, Options(YEAR, ("html",), out=tmp_path / "outputs"))
    for name in (
        "data/qingxi/2020.xlsx",
        "params/townships/qingxi.yml",
        "requirements.lock",
        "notebooks/overview.ipynb",
        f"outputs/{YEAR}/{TOWN}/report.html",
        f"outputs/{YEAR}/{TOWN}/manifest.json",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
        aged(path)
    monkeypatch.setattr(freshness, "_YOUNG_NS", 0)  # ctime cannot be set back
    monkeypatch.setattr(freshness, "_TICK_NS", 0)
    made.stamp()
    return made


def aged(path: Path) -> None:
    """Set a file's time an hour back."""
    os.utime(path, (time.time() - HOUR,) * 2)


def test_an_untouched_build_is_fresh_and_says_what_it_said_when_it_was_built(built: Stamped) -> None:
    outcome = fresh(built.root, TOWN, built.options)
    assert outcome is not None
    assert (outcome.state, outcome.warnings, outcome.unwritten) == ("up to date", 3, "data/qingxi/2020.md")
    assert outcome.files == (built.final / "report.html",)


def test_nothing_is_hashed_where_sizes_and_times_agree(built: Stamped, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built.fresh()
    monkeypatch.setattr(store, "sha256_file", lambda path: pytest.fail(f"{path} was hashed"))
    assert built.fresh()


CHANGES: dict[str, Callable[[Stamped], object]] = {
    "a return": lambda at: (at.root / "data/qingxi/2020.xlsx").write_text("other content"),
    "a return, its size kept": lambda at: (at.root / "data/qingxi/2020.xlsx").write_text("Content of data/qingxi/2020.xlsx"),
    "params": lambda at: (at.root / "params/townships/qingxi.yml").write_text("x"),
    "a notebook": lambda at: (at.root / "notebooks/overview.ipynb").write_text("x"),
    "the lock": lambda at: (at.root / "requirements.lock").unlink(),
    "an output": lambda at: (at.final / "report.html").write_text("Content of outputs/2020/qingxi/report.html"),
    "an output gone": lambda at: (at.final / "report.html").unlink(),
    "the manifest": lambda at: (at.final / "manifest.json").write_text("{}"),
    "a second return": lambda at: (at.root / "data/qingxi/2020.csv").write_text("x"),
    "a return of the year before": lambda at: (at.root / "data/qingxi/2019.xlsx").write_text("x"),
    "a folder of returns": lambda at: (at.root / "data/qingxi/2018").mkdir(),
    "the office's text": lambda at: (at.root / "data/qingxi/2020.md").write_text("## plans"),
    "another notebook": lambda at: (at.root / "notebooks/new.ipynb").write_text("x"),
    "a shared folder": lambda at: (at.root / "params/schemes").mkdir(),
    "an interrupted swap": lambda at: at.final.with_name(f".{TOWN}.previous").mkdir(),
    "the stamp": lambda at: stamp_path(at.final).write_text("{"),
    "the stamp gone": lambda at: stamp_path(at.final).unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_makes_the_stamp_say_nothing(built: Stamped, what: str) -> None:
    CHANGES[what](built)
    assert not built.fresh()


@pytest.mark.parametrize("other", [{"lang": "en"}, {"formats": ("html", "pdf")}, {"edition": "public"}, {"force": True}])
def test_so_does_asking_for_something_else(built: Stamped, other: dict[str, object]) -> None:
    assert fresh(built.root, TOWN, replace(built.options, **other)) is None  # type: ignore[arg-type]


def test_so_does_another_library(built: Stamped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "library_hash", lambda: "another")
    assert not built.fresh()


def test_a_file_of_another_time_and_the_same_content_is_hashed_once(built: Stamped, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(built.root / "data/qingxi/2020.xlsx", (1, 1))
    assert built.fresh()
    monkeypatch.setattr(store, "sha256_file", lambda path: pytest.fail(f"{path} was hashed"))
    assert built.fresh()


def test_a_file_of_a_year_that_no_report_reads_changes_nothing(built: Stamped) -> None:
    (built.root / "data/qingxi/2021.xlsx").write_text("x")
    assert built.fresh()


def test_a_file_too_young_to_be_told_by_its_time_is_hashed(built: Stamped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "_YOUNG_NS", 10**12)
    built.stamp()
    path = built.root / "data/qingxi/2020.xlsx"
    found = path.stat()
    path.write_text("Content of data/qingxi/2020.xlsx")  # as long as before
    os.utime(path, ns=(found.st_mtime_ns, found.st_mtime_ns))  # and of the same time
    assert not built.fresh()


def test_a_dry_run_writes_nothing(built: Stamped) -> None:
    os.utime(built.root / "data/qingxi/2020.xlsx", (1, 1))
    before = stamp_path(built.final).read_bytes()
    assert fresh(built.root, TOWN, replace(built.options, dry_run=True)) is not None
    assert stamp_path(built.final).read_bytes() == before


def test_the_stamp_is_one_line_of_json_in_a_folder_of_its_own(built: Stamped) -> None:
    assert stamp_path(built.final).parent.name == ".state"
    assert json.loads(stamp_path(built.final).read_text("utf-8"))["options"]["lang"] == "zh"


def test_a_check_imports_nothing_heavy() -> None:
    heavy = ("pandas", "numpy", "pydantic", "papermill", "nbformat", "openpyxl", "yaml", "IPython")
    code = f"import sys; import nianbao.pipeline; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
