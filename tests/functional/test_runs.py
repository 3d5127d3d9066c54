"""Runs over many townships: each fault stays with its township, a run stops when told, and nothing is ever half done."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from campaign import ask, check_campaign, killed_at_random, sound_county
from faults import FAULTS, YEAR, Command, County, begun, command, county, ended, events
from nianbao import journal, store

LIMIT_S = 600


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Return a county of three sound towns, built once by a pool of two."""
    return sound_county(tmp_path_factory.mktemp("sound"))


def test_every_fault_stays_with_its_town(tmp_path: Path) -> None:
    check_campaign(tmp_path, healthy=4, times=1, jobs=2, seconds=60)


def test_a_pool_and_this_process_build_the_same_bytes(sound: County, tmp_path: Path) -> None:
    alone = county(tmp_path, healthy=3)
    assert ask(alone, "town001").code == 0
    assert alone.hashes(["town001"]) == sound.hashes(["town001"])


@pytest.mark.parametrize("how", [("--jobs", "2"), ("--cluster", "local:1")])
def test_a_run_leaves_no_folder_of_its_own_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    made, private = county(tmp_path / "county", healthy=2), tmp_path / "private"
    private.mkdir()
    monkeypatch.setenv("TMPDIR", str(private))
    assert ask(made, *made.towns, *how).code == 0
    deadline = time.monotonic() + 10
    while (left := list(private.glob("nianbao-*"))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def started(made: County, *arguments: str) -> Command:
    """Start a run that tells in JSON what it does, web pages only."""
    return begun(made.project.root, "report", *arguments, "--year", str(YEAR), "--to", "html", "--progress", "json")


def test_a_dask_cluster_builds_the_same_bytes(sound: County, tmp_path: Path) -> None:
    there = county(tmp_path, healthy=3, faults=[fault for fault in FAULTS if fault.name == "kills the worker"])
    run = started(there, *there.towns, "--cluster", "local:2")
    assert run.wait(LIMIT_S) == 1, run.said
    said = ended(run.said)
    assert {town: said[town]["state"] for town in there.healthy} == dict.fromkeys(there.healthy, "built")
    (wrong,) = there.faults
    assert "意外终止" in str(said[wrong]["reasons"])
    assert run.left() == []
    same = [town for town in there.healthy if town in sound.towns]
    assert len(same) >= 2
    assert there.hashes(same) == sound.hashes(same)


def test_a_killed_dask_worker_loses_nothing(sound: County, tmp_path: Path) -> None:
    there = county(tmp_path, healthy=3)
    (there.project.root / "faults" / "town002.py").write_text("import time\ntime.sleep(6)\n", encoding="utf-8")
    run = started(there, *there.towns, "--cluster", "local:2")
    deadline = time.monotonic() + LIMIT_S
    building: list[psutil.Process] = []
    while not building and time.monotonic() < deadline:
        time.sleep(0.1)
        family = psutil.Process(run.process.pid).children(recursive=True)
        # Dask's worker starts the process that builds, which starts the warm parent
        building = [worker for one in family if "nianbao.warm" in " ".join(one.cmdline()) for worker in one.parents()[1:2]]
    assert building[0].pid != run.process.pid
    building[0].kill()
    assert run.wait(LIMIT_S) == 0, run.said
    assert run.left() == []
    assert {town: event["state"] for town, event in ended(run.said).items()} == dict.fromkeys(there.towns, "built")
    assert there.hashes(["town000", "town001"]) == sound.hashes(["town000", "town001"])


@pytest.mark.parametrize(
    ("number", "towns", "how", "seconds"),
    [
        (signal.SIGINT, 3, ("--jobs", "2"), 5),
        (signal.SIGTERM, 3, ("--jobs", "2"), 5),
        (signal.SIGINT, 1, (), 5),
        (signal.SIGINT, 3, ("--cluster", "local:2"), 5),
        (signal.SIGTERM, 3, ("--cluster", "local:2"), 5),
    ],
)
def test_a_run_that_is_told_to_stop_does_so_within_seconds(
    sound: County, tmp_path: Path, number: int, towns: int, how: tuple[str, ...], seconds: float
) -> None:
    made = county(tmp_path, healthy=towns)
    slow = "town000"
    (made.project.root / "faults" / f"{slow}.py").write_text(
        "import subprocess, time\nsubprocess.Popen(['sleep', '3000'], start_new_session=True)\nwhile True: time.sleep(1)",
        encoding="utf-8",
    )
    run = started(made, *made.towns, *how)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        built = [town for town, event in ended(run.said).items() if event["state"] == "built"]
        begun_there = [event["township"] for event in events(run.said) if event["event"] == "begun"]
        if len(built) == towns - 1 and slow in begun_there:
            break
        time.sleep(0.1)
    time.sleep(1)
    asked = time.monotonic()
    run.process.send_signal(number)
    assert run.wait(60) == 128 + number, run.said
    assert time.monotonic() - asked < seconds
    assert ended(run.said)[slow]["state"] == "interrupted"
    assert run.left() == []
    others = [town for town in made.towns if town != slow]
    assert made.hashes(others) == {town: sound.hashes([town])[town] for town in others}
    assert not made.folder(slow).exists()
    assert store.leftovers(made.folder(slow).parent) == []
    stands = json.loads(ask(made, command="status", form="json").out)
    assert {one["township"]: one["state"] for one in stands} == {slow: "interrupted", **dict.fromkeys(others, "up to date")}


@pytest.mark.parametrize("silent", ["scheduler", "exchange"])
def test_a_run_that_waits_for_an_address_that_never_answers_can_be_stopped(tmp_path: Path, silent: str) -> None:
    made = county(tmp_path, healthy=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT_S)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        how = {
            "scheduler": ("--cluster", f"tcp://{address}"),
            "exchange": ("--cluster", "local:1", "--exchange", f"ftp://{address}/x"),
        }
        run = started(made, *made.towns, *how[silent])
        asker, _ = server.accept()
        with asker:
            time.sleep(0.5)
            asked = time.monotonic()
            run.process.send_signal(signal.SIGINT)
            assert run.wait(60) == 130, run.said
            assert time.monotonic() - asked < 5
    assert {event["state"] for event in ended(run.said).values()} == {"interrupted"}
    assert run.left() == []


def test_a_log_whose_first_line_the_disk_refused_keeps_no_run_away(tmp_path: Path) -> None:
    with journal.opened(tmp_path, ["town000"]) as log:
        assert log.path is not None
        log.path.write_bytes(b"")
        log.write({"event": "plan", "townships": ["town000"]})
        with journal.opened(tmp_path, ["town000"]) as other:
            assert other.refused == ""


def test_a_kill_at_any_moment_leaves_nothing_half_done(sound: County, tmp_path: Path) -> None:
    killed_at_random(sound, tmp_path, kills=10, seed=1)


def test_one_town_alone_is_held_to_its_time_too(sound: County, tmp_path: Path) -> None:
    made = county(tmp_path, healthy=1)
    assert ask(made, "town000").code == 0
    before = made.hashes(["town000"])
    (made.project.root / "faults" / "town000.py").write_text("while True: pass", encoding="utf-8")
    asked = time.monotonic()
    late = ask(made, "town000", "--force", "--timeout", "8", "--lang", "en")
    assert time.monotonic() - asked < 60
    assert late.code == 1
    assert late.err.splitlines()[-3:] == [
        "town000 2020: failed",
        "it took longer than 8 s and was ended; allow more with --timeout",
        "The earlier report was left as it is.",
    ]
    assert made.hashes(["town000"]) == before
    (stands,) = json.loads(ask(made, command="status", form="json").out)
    assert (stands["state"], stands["report"]) == ("failed", True)
    assert "longer than 8 s" in stands["reasons"][0]


def test_two_runs_of_one_township_at_once(sound: County, tmp_path: Path) -> None:
    made = county(tmp_path, healthy=3)
    (made.project.root / "faults" / "town000.py").write_text("import time\ntime.sleep(3000)", encoding="utf-8")
    first = begun(made.project.root, "report", "town000", "town001", "--year", str(YEAR), "--to", "html", "--progress", "json")
    try:
        deadline = time.monotonic() + LIMIT_S
        while (
            not ended(first.said)
            and not any(event["event"] == "begun" for event in events(first.said))
            and time.monotonic() < deadline
        ):
            time.sleep(0.1)
        second = ask(made, "town001", "town002", "--lang", "en")
        assert second.code == 1
        (sentence,) = second.err.splitlines()
        assert f"another nianbao run is building town001 (process {first.process.pid}, since " in sentence
        assert "wait until it has finished, or stop it" in sentence
        assert not made.folder("town002").exists()
        stands = {one["township"]: one["state"] for one in json.loads(ask(made, command="status", form="json").out)}
        assert stands["town000"] == "building"
        assert ask(made, "town002").code == 0  # other townships are free
    finally:
        first.end()
        first.wait(30)
    again = ask(made, "town001")
    assert again.code == 0, again.said
    stands = {one["township"]: one for one in json.loads(ask(made, command="status", form="json").out)}
    assert stands["town000"]["state"] == "interrupted"
    assert stands["town001"]["state"] == "up to date"


@pytest.mark.parametrize("most", [100, 3_000, 20_000])
def test_files_that_cannot_be_written_whole_are_told_and_the_earlier_report_stays(
    sound: County, tmp_path: Path, most: int
) -> None:
    made = county(tmp_path, healthy=1)
    assert ask(made, "town000").code == 0
    before = made.hashes(["town000"])
    given = ("report", "town000", "--year", str(YEAR), "--to", "html", "--force", "--lang", "en")
    done = subprocess.run(
        command(*given, most_bytes=most), cwd=made.project.root, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "town000 2020: refused" in done.stderr
    assert made.hashes(["town000"]) == before
    assert store.leftovers(made.folder("town000").parent) == []
    assert ask(made, "town000", "--force").code == 0
    assert made.hashes(["town000"]) == before


def test_a_full_disk_is_one_sentence_a_town_and_the_run_resumes(sound: County, tmp_path: Path, small_disk: Path) -> None:
    made = county(tmp_path, healthy=2)
    out = small_disk
    filler = out / "filler"
    filler.write_bytes(b"x" * (os.statvfs(out).f_bavail * os.statvfs(out).f_frsize - 60_000))
    full = ask(made, *made.towns, "--out", str(out), "--lang", "en")
    assert full.code == 1
    assert full.err.count("No space left on device") >= 2
    assert "Traceback" not in full.said
    assert store.leftovers(out / str(YEAR)) == []
    filler.unlink()
    resumed = ask(made, *made.towns, "--out", str(out))
    assert resumed.code == 0, resumed.said
    assert {town: made_hashes(out, town) for town in made.towns} == sound.hashes(made.towns)


def made_hashes(out: Path, town: str) -> dict[str, str]:
    from built import hashes

    return hashes(out / str(YEAR) / town)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that is a disk of 4 MB; where none may be mounted the test is skipped."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_log_that_was_cut_off_is_read_up_to_its_last_whole_line(sound: County, tmp_path: Path) -> None:
    folder = sound.project.root / "outputs" / str(YEAR)
    runs = journal.runs_of(folder)
    assert runs[-1].ended
    (name,) = {run.name for run in runs if run.ended and set(run.townships) == set(sound.towns)}
    whole = (folder / journal.FOLDER / name).read_bytes()
    there = tmp_path / str(YEAR) / journal.FOLDER
    there.mkdir(parents=True)
    count = len(whole.splitlines())
    chance = random.Random(3)
    for cut in sorted(chance.sample(range(1, len(whole)), 60)):
        (there / name).write_bytes(whole[:cut])
        found = journal.runs_of(tmp_path / str(YEAR))
        lines = whole[:cut].count(b"\n") + (whole[cut : cut + 1] == b"\n")
        assert [len(run.events) for run in found] == ([lines] if lines else [])
        assert lines < count or found[0].ended
        if found:
            assert {last.state for last in found[0].last.values()} <= {"built", "interrupted"}


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    for _ in range(journal.KEPT + 5):
        with journal.opened(tmp_path, ["a"]) as log:
            assert log.path is not None
            log.path.rename(log.path.with_name(f"{time.monotonic_ns():020d}-{log.path.name}"))
    assert len(list((tmp_path / journal.FOLDER).glob("*.jsonl"))) <= journal.KEPT + 1


def test_progress_for_a_program_is_json_and_quiet_says_only_what_went_wrong(sound: County) -> None:
    told = ask(sound, "town000", "town001", "--jobs", "2", "--progress", "json")
    assert told.code == 0
    lines = [json.loads(line) for line in told.err.splitlines()]
    assert [line["event"] for line in lines][-1] == "run-ended"
    assert {line["township"] for line in lines if line["event"] == "ended"} == {"town000", "town001"}
    assert "town000 2020: up to date" in told.out
    quiet = ask(sound, "town000", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    wrong = ask(sound, "town000", "nosuch", "--quiet")
    assert wrong.code == 1
    assert "nosuch 2020: refused" in wrong.err
    assert wrong.out == ""
