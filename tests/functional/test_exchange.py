"""A cluster that shares no path: what the run hands out, what workers make of it elsewhere, and what arrives."""

from __future__ import annotations

import json
import os
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from built import ROOT, hashes
from campaign import ask
from faults import CHAPTER, YEAR, County, county
from nianbao import store
from nianbao.errors import UserError
from nianbao.exchange import Dispatch, Exchange, Mirror, Parcel
from nianbao.freshness import Options, Outcome, fresh, stamp_path
from nianbao.workers import Task, built

TOWN = "town000"


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty exchange."""
    if request.param == "file":
        yield (tmp_path / "exchange").as_uri()
        return
    name = f"/{uuid.uuid4().hex}"
    yield f"memory:/{name}"
    fsspec.filesystem("memory").rm(name, recursive=True)


def plain_county(folder: Path, healthy: int) -> County:
    """Return a county whose notebook is the shipped one, which reads nothing but what reports are made from."""
    made = county(folder, healthy=healthy)
    shutil.copy(ROOT / "notebooks" / f"{CHAPTER}.ipynb", folder / "notebooks")
    shutil.rmtree(folder / "faults")
    return made


@pytest.fixture
def made(tmp_path: Path) -> County:
    """Return a county of one town, not built."""
    return plain_county(tmp_path / "county", 1)


def task_of(made: County) -> Task:
    return Task(made.project.root, TOWN, Options(YEAR, ("html",), lang="en", out=made.project.root / "outputs"))


Elsewhere = Callable[[], Outcome]


@pytest.fixture
def elsewhere(made: County, url: str, tmp_path: Path) -> Elsewhere:
    """Return a function that builds the town as a worker does that sees nothing of the project, and takes the build in."""

    def build() -> Outcome:
        task, dispatch = task_of(made), Dispatch(url, made.project.root)
        parcel = dispatch.pack(task)
        away = made.project.root.with_name("away")
        made.project.root.rename(away)
        mirror = Mirror(Exchange(parcel.url), str(tmp_path))
        try:
            here = mirror.receive(task, parcel)
            outcome = built(here, lambda _: None)
            sent = mirror.send(here, outcome, parcel)
        finally:
            mirror.close()
            away.rename(made.project.root)
        assert list(tmp_path.glob("nianbao-*")) == []
        return dispatch.take_in(task, outcome, parcel, sent)

    return build


def test_a_build_made_elsewhere_is_the_one_made_here(made: County, elsewhere: Elsewhere, url: str) -> None:
    task = task_of(made)
    outcome = elsewhere()
    assert (outcome.state, outcome.reasons, outcome.folder) == ("built", ("no earlier build",), task.final)
    assert outcome.files == (task.final / "report.html",)
    there = hashes(task.final)
    assert fresh(task.root, TOWN, task.options) is not None, "the next run finds it up to date without opening anything"
    shutil.rmtree(made.project.root / "outputs")
    assert built(task, lambda _: None).state == "built"
    assert hashes(task.final) == there
    fs, base = fsspec.core.url_to_fs(url)
    assert fs.find(f"{base}/builds") == [], "builds are gone once they have arrived"


def test_the_next_build_goes_on_from_the_last_one_and_says_why(made: County, elsewhere: Elsewhere) -> None:
    elsewhere()
    assert elsewhere().state == "up to date"
    params = made.project.root / "params" / "townships" / f"{TOWN}.yml"
    params.write_text(params.read_text("utf-8").replace("office_en:", "office_en: New"), encoding="utf-8")
    away = elsewhere()
    assert away.state == "built"
    assert away.reasons != ("no earlier build",)
    assert all(f"params/townships/{TOWN}.yml" in reason for reason in away.reasons), away.reasons


def test_what_is_refused_there_leaves_the_earlier_report(made: County, elsewhere: Elsewhere) -> None:
    elsewhere()
    before = hashes(task_of(made).final)
    made.project.path(town=TOWN).write_bytes(b"")
    outcome = elsewhere()
    assert (outcome.state, outcome.folder) == ("refused", None)
    assert f"{YEAR}.xlsx" in outcome.reasons[0]
    assert hashes(task_of(made).final) == before


def test_a_stamp_from_elsewhere_hides_no_change(made: County, elsewhere: Elsewhere) -> None:
    elsewhere()
    task = task_of(made)
    path = made.project.path(town=TOWN)
    path.write_bytes(path.read_bytes() + b"\0")
    assert fresh(task.root, TOWN, task.options) is None
    path.write_bytes(path.read_bytes()[:-1])
    assert fresh(task.root, TOWN, task.options) is not None
    (task.final / "results.csv").write_text("x", encoding="utf-8")
    assert fresh(task.root, TOWN, task.options) is None


@pytest.mark.parametrize("spoilt", ["cut", "a file altered", "another township"])
def test_a_build_that_does_not_arrive_whole_leaves_the_earlier_report(
    made: County, url: str, tmp_path: Path, spoilt: str
) -> None:
    task, dispatch = task_of(made), Dispatch(url, made.project.root)
    outcome = built(task, lambda _: None)
    assert outcome.state == "built"
    before, stamp = hashes(task.final), stamp_path(task.final).read_bytes()
    parcel = dispatch.pack(task)
    content = dispatch.exchange.take(parcel.builds, parcel.build)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as written, zipfile.ZipFile(_kept(tmp_path, content)) as read:
        for name in read.namelist():
            altered = read.read(name)
            if spoilt == "a file altered" and name.endswith("report.html"):
                altered += b" "
            if name.endswith(store.MANIFEST_NAME):
                raw = json.loads(altered)
                raw["version"] = "0"  # another build than the one in place
                if spoilt == "another township":
                    raw["township"] = "town001"
                altered = json.dumps(raw).encode("utf-8")
            written.writestr(name, altered)
    sent = dispatch.exchange.put(dispatch.builds, other.read_bytes())
    if spoilt == "cut":
        fs, base = fsspec.core.url_to_fs(url)
        fs.pipe_file(f"{base}/{dispatch.builds}/{sent}", other.read_bytes()[:-100])
    with pytest.raises(UserError, match="run again"):
        dispatch.take_in(task, outcome, parcel, sent)
    assert hashes(task.final) == before
    assert stamp_path(task.final).read_bytes() == stamp
    assert store.leftovers(task.final.parent) == []


def _kept(folder: Path, content: bytes) -> Path:
    path = folder / "kept.zip"
    path.write_bytes(content)
    return path


def test_names_in_a_parcel_stay_below_the_report(made: County, url: str, tmp_path: Path) -> None:
    task, dispatch = task_of(made), Dispatch(url, made.project.root)
    assert built(task, lambda _: None).state == "built"
    manifest = store.read_manifest(task.final)
    assert manifest is not None
    evil = replace(manifest, outputs={**manifest.outputs, "../../../evil": store.sha256_bytes(b"x")}, version="0")
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as written:
        for name in manifest.outputs:
            written.write(task.final / name, f"build/{name}")
        written.writestr("build/../../../evil", b"x")
        written.writestr("build/manifest.json", evil.to_json())
    sent = dispatch.exchange.put(dispatch.builds, path.read_bytes())
    with pytest.raises(UserError):
        dispatch.take_in(task, built(task, lambda _: None), dispatch.pack(task), sent)
    assert not list(tmp_path.rglob("evil"))


def test_half_an_object_is_put_again_and_a_wrong_one_is_not_taken(url: str) -> None:
    first = Exchange(url)
    digest = first.put("files", b"whole")
    fs, base = fsspec.core.url_to_fs(url)
    fs.pipe_file(f"{base}/files/{digest}", b"who")
    with pytest.raises(UserError, match="does not hold what its name says"):
        Exchange(url).take("files", digest)
    assert Exchange(url).put("files", b"whole") == digest
    assert Exchange(url).take("files", digest) == b"whole"


@pytest.mark.parametrize(
    "address",
    [
        "nosuch://bucket/x",
        "http://127.0.0.1:1/x",
        "ftp://me:secret@127.0.0.1:1/x",
        "ftp://me:p@secret@127.0.0.1:1/x",
        "ftp://me:p/secret@127.0.0.1:1/x",
        "nosuch://bucket/x?key=secret",
    ],
)
def test_an_address_that_does_not_serve_is_one_sentence_without_its_password(address: str) -> None:
    with pytest.raises(UserError, match="cannot be used to exchange files") as told:
        Exchange(address).put("files", b"x")
    assert "secret" not in str(told.value) + told.value.told("zh")


def test_what_dask_logs_of_a_parcel_leaves_the_address_out() -> None:
    assert "secret" not in repr(Parcel("ftp://me:secret@host/x", "", {}, "builds/x"))


def test_a_disk_of_a_worker_that_refuses_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nosuch.*: No such file"):
        Mirror(Exchange("memory://x"), str(tmp_path / "nosuch"))


def test_folders_behind_links_are_handed_out(made: County, elsewhere: Elsewhere, tmp_path: Path) -> None:
    root = made.project.root
    for name in ("params/townships", f"data/{TOWN}/{YEAR}"):
        place, behind = root / name, tmp_path / f"behind-{Path(name).name}"
        if place.is_dir():
            place.rename(behind)
        else:
            behind.mkdir()
            made.project.path(town=TOWN).rename(behind / "return.xlsx")
        place.symlink_to(behind)
    (root / "params" / "round").symlink_to(root / "params")
    outcome = elsewhere()
    assert outcome.state == "built", outcome.reasons


def test_a_name_that_is_no_unicode_stops_nothing(made: County, elsewhere: Elsewhere) -> None:
    for folder in ("params", "notebooks", f"data/{TOWN}"):
        Path(os.fsdecode(os.fsencode(made.project.root / folder) + b"/\xb1\xb8.bak")).write_bytes(b"x")
    task = task_of(made)
    outcome = elsewhere()
    assert outcome.state == "built", outcome.reasons
    assert fresh(task.root, TOWN, task.options) is not None
    shutil.rmtree(task.options.out)
    assert built(task, lambda _: None).state == "built"
    assert fresh(task.root, TOWN, task.options) is not None


def test_a_file_without_a_time_is_hashed(made: County, elsewhere: Elsewhere) -> None:
    elsewhere()
    task, path = task_of(made), made.project.path(town=TOWN)
    content = path.read_bytes()
    os.utime(path, ns=(0, 0))
    assert fresh(task.root, TOWN, task.options) is not None
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(0, 0))
    assert fresh(task.root, TOWN, task.options) is None


def test_runs_that_share_an_exchange_take_nothing_from_each_other(made: County, url: str) -> None:
    task = task_of(made)
    assert built(task, lambda _: None).state == "built"
    first, second = Dispatch(url, task.root), Dispatch(url, task.root)
    one, other = first.pack(task), second.pack(task)
    content = first.exchange.take(one.builds, one.build)
    first.take_in(task, Outcome(TOWN, "refused"), one, "")
    first.close()
    assert second.exchange.take(other.builds, other.build) == content, "the same build, still on its way in the other run"
    worker = Exchange(url)
    worker.put(other.builds, b"x")
    second.exchange.remove(other.builds, worker.put(other.builds, b"x"))
    assert second.exchange.take(other.builds, worker.put(other.builds, b"x")) == b"x", "put again, for it was removed"
    second.close()
    fs, base = fsspec.core.url_to_fs(url)
    assert fs.find(f"{base}/builds") == [], "what was lost on its way is gone with its run"


def test_a_file_that_cannot_be_read_is_refused_here(made: County, url: str) -> None:
    path = made.project.path(town=TOWN)
    path.unlink()
    path.symlink_to(path.name)
    with pytest.raises(UserError, match=str(YEAR)):
        Dispatch(url, made.project.root).pack(task_of(made))


def test_a_dask_cluster_builds_through_an_exchange(tmp_path: Path) -> None:
    here, there = plain_county(tmp_path / "here", 3), plain_county(tmp_path / "there", 3)
    path = there.project.path(town="town001")
    path.unlink()
    path.symlink_to(path.name)
    assert ask(here, "town000", "town002", "--jobs", "2").code == 0
    given = ("--cluster", "local:2", "--exchange", (tmp_path / "exchange").as_uri(), "--lang", "zh")
    run = ask(there, *there.towns, *given)
    assert run.code == 1, run.said
    assert "town001 2020: refused" in run.err
    assert there.hashes(["town000", "town002"]) == here.hashes(["town000", "town002"])
    again = ask(there, "town000", "town002")
    assert again.code == 0
    assert again.out.count("up to date") >= 2
    assert "Traceback" not in run.said + again.said


def test_an_exchange_needs_a_cluster(tmp_path: Path) -> None:
    made = plain_county(tmp_path, 1)
    refused = ask(made, TOWN, "--exchange", "memory://x")
    assert refused.code == 2
    assert "--cluster" in refused.err
