"""Manifests, freshness, and swaps that survive a crash at any step."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao import store
from nianbao.errors import UserError

HASH = "0" * 64


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, store.Manifest]:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "report.html").write_bytes(b"report")
    (tmp_path / "chapters" / "a.ipynb").write_bytes(b"chapter")
    outputs = {name: store.sha256_file(tmp_path / name) for name in ("report.html", "chapters/a.ipynb")}
    manifest = store.Manifest(
        township="maolin",
        year=2020,
        options={"lang": "zh", "to": ["html", "pdf"]},
        inputs={"data/maolin/2020.xlsx": HASH, "library": HASH},
        outputs=outputs,
        version="0.1.0",
    )
    (tmp_path / store.MANIFEST_NAME).write_text(manifest.to_json(), "utf-8")
    return tmp_path, manifest


def reasons(folder: Path, manifest: store.Manifest | None, **changes: object) -> list[str]:
    wanted: dict[str, object] = {
        "wanted_inputs": {"data/maolin/2020.xlsx": HASH, "library": HASH},
        "wanted_options": {"lang": "zh", "to": ["html", "pdf"]},
        **changes,
    }
    return store.stale(manifest, folder=folder, **wanted)  # type: ignore[arg-type]


def test_hashes_of_bytes_and_files_agree_and_digest_ignores_key_order(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert store.sha256_file(tmp_path / "x") == store.sha256_bytes(b"abc") == expected
    assert store.digest({"a": 1, "b": "乡"}) == store.digest({"b": "乡", "a": 1})
    assert store.digest({"a": 1}) != store.digest({"a": "1"})
    with pytest.raises(ValueError, match="JSON"):
        store.digest({"a": float("nan")})


def test_manifest_round_trip(built: tuple[Path, store.Manifest]) -> None:
    folder, manifest = built
    assert store.read_manifest(folder) == manifest
    assert store.Manifest.from_json(manifest.to_json()).to_json() == manifest.to_json()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"township": 1}', "\udcff"])
def test_a_damaged_manifest_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / store.MANIFEST_NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert store.read_manifest(tmp_path) is None
    assert reasons(tmp_path, None) == ["no earlier build"]


def test_an_unchanged_build_is_fresh(built: tuple[Path, store.Manifest]) -> None:
    assert reasons(*built) == []


def test_tuples_and_lists_are_the_same_option(built: tuple[Path, store.Manifest]) -> None:
    assert reasons(*built, wanted_options={"lang": "zh", "to": ("html", "pdf")}) == []


def test_every_difference_is_named(built: tuple[Path, store.Manifest]) -> None:
    folder, manifest = built
    (folder / "report.html").write_bytes(b"Report")
    (folder / "chapters" / "a.ipynb").unlink()
    found = reasons(
        folder,
        manifest,
        wanted_inputs={"data/maolin/2020.xlsx": "1" * 64, "fonts": HASH},
        wanted_options={"lang": "en", "to": ["html", "pdf"]},
    )
    assert found == [
        "input data/maolin/2020.xlsx changed",
        "input fonts was added",
        "input library was removed",
        'option lang was "zh", now "en"',
        "output chapters/a.ipynb is missing",
        "output report.html was altered after it was built",
    ]


def test_a_failed_build_is_never_fresh(built: tuple[Path, store.Manifest]) -> None:
    folder, manifest = built
    assert reasons(folder, replace(manifest, status="failed")) == ["the last build failed"]


def folder_with(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "report.html").write_text(text)
    return path


def visible(parent: Path) -> list[str]:
    return sorted(entry.name for entry in parent.iterdir())


def test_publish_first_and_again(tmp_path: Path) -> None:
    final = tmp_path / "2020" / "maolin"
    for text in ("one", "two"):
        store.publish(folder_with(tmp_path / "staged", text), final)
        assert (final / "report.html").read_text() == text
        assert visible(final.parent) == ["maolin"]
        assert not (tmp_path / "staged").exists()


def test_publish_restores_the_old_folder_when_the_new_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = folder_with(tmp_path / "final", "old")
    staged = folder_with(tmp_path / "staged", "new")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == staged:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="No space"):
        store.publish(staged, final)
    assert (final / "report.html").read_text() == "old"
    assert (staged / "report.html").read_text() == "new"
    assert visible(tmp_path) == ["final", "staged"]


STEPS = """
import os, pathlib, shutil, sys
from nianbao import store
limit, steps = int(sys.argv[1]), 0
def counted(act):
    def step(*args, **kwargs):
        global steps
        steps += 1
        if steps > limit:
            os._exit(9)
        return act(*args, **kwargs)
    return step
for owner, name in [(os, "fsync"), (os, "unlink"), (os, "rmdir"), (pathlib.Path, "rename")]:
    setattr(owner, name, counted(getattr(owner, name)))
store.publish(pathlib.Path("staged"), pathlib.Path("final"))
"""


def test_a_crash_before_any_step_leaves_the_old_or_the_new_folder(tmp_path: Path) -> None:
    ends = []
    for limit in range(40):
        place = tmp_path / str(limit)
        folder_with(place / "final", "old")
        folder_with(place / "staged", "new")
        ended = subprocess.run([sys.executable, "-c", STEPS, str(limit)], cwd=place, check=False)
        store.recover(place / "final")
        ends.append((place / "final" / "report.html").read_text())
        assert not [name for name in visible(place) if name.startswith(".")]
        if ended.returncode == 0:
            break
        assert ended.returncode == 9
    assert ended.returncode == 0
    assert ends == sorted(ends, reverse=True)  # old, …, old, new, …, new
    assert set(ends) == {"old", "new"}


@pytest.mark.parametrize("kind", ["file", "link"])
def test_publish_refuses_what_is_no_folder(tmp_path: Path, kind: str) -> None:
    final = tmp_path / "final"
    if kind == "file":
        final.write_text("mine")
    else:
        final.symlink_to(folder_with(tmp_path / "elsewhere", "mine"))
    with pytest.raises(UserError, match="is not a folder"):
        store.publish(folder_with(tmp_path / "staged", "new"), final)
    assert final.is_symlink() or final.read_text() == "mine"


def test_atomic_write_replaces_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.csv"
    store.atomic_write(path, b"one")
    store.atomic_write(path, b"two")
    assert path.read_bytes() == b"two"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.atomic_write(path, b"three")
    assert path.read_bytes() == b"two"
    assert visible(tmp_path) == ["facts.csv"]


def test_atomic_write_does_not_write_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "report.html").symlink_to(tmp_path / "precious")
    store.atomic_write(tmp_path / "report.html", b"report")
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_lock_admits_one_run_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "outputs"
    with store.lock(folder):
        other = "import pathlib, sys; from nianbao import store\nwith store.lock(pathlib.Path(sys.argv[1])): pass"
        ended = subprocess.run([sys.executable, "-c", other, str(folder)], capture_output=True, text=True, check=False)
        assert "another nianbao run is writing here" in ended.stderr
        with pytest.raises(UserError, match="another nianbao run"), store.lock(folder):
            pass
    with store.lock(folder):
        pass


def test_what_remains_of_the_old_build_does_not_fail_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final, staged = tmp_path / "final", tmp_path / "staged"
    for folder, text in ((final, "old"), (staged, "new")):
        folder.mkdir()
        (folder / "report.html").write_text(text, encoding="utf-8")

    def busy(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(store.shutil, "rmtree", busy)
        store.publish(staged, final)
    assert (final / "report.html").read_text("utf-8") == "new"
    store.recover(final)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["final"]


def test_what_a_killed_run_had_begun_is_found_and_cleared_away(tmp_path: Path) -> None:
    for name in (".a.staged-k3", ".a.tried-x", ".b.previous", ".b.discarded", ".c.d.staged-1", "e", ".runs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_bytes(b"")
    (tmp_path / ".lock-a").write_bytes(b"")
    assert store.leftovers(tmp_path) == ["a", "b", "c.d"]
    assert store.leftovers(tmp_path / "nowhere") == []
    store.recover(tmp_path / "a")
    assert store.leftovers(tmp_path) == ["b", "c.d"]
    store.recover(tmp_path / "b")
    assert (tmp_path / "b" / "part").exists()  # the old build, which had been set aside
    store.recover(tmp_path / "c.d")
    assert store.leftovers(tmp_path) == []
    assert (tmp_path / "e" / "part").exists()


def test_who_holds_a_build_is_told_in_both_languages(tmp_path: Path) -> None:
    with store.lock(tmp_path / "x"), pytest.raises(UserError) as refused, store.lock(tmp_path / "x"):
        pass
    assert f"another nianbao run is writing here (process {os.getpid()}, since 2" in refused.value.told("en")
    assert f"正在写这里（进程{os.getpid()}，2" in refused.value.told("zh")
    (tmp_path / ".lock-x").write_bytes(b"{")  # a disk too full to say who
    with (tmp_path / ".lock-x").open("a+b") as other:
        assert store.take(other)
        with pytest.raises(UserError, match="is writing here; wait until"), store.lock(tmp_path / "x"):
            pass
