"""The campaigns of faults and kills, in the size that a test asks for."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from built import Run, nianbao
from faults import FAULTS, YEAR, County, begun, county, ended
from nianbao import store

WAIT_S = 3600


def ask(made: County, *arguments: str, command: str = "report", form: str = "") -> Run:
    """Run a command over a county: reports as web pages alone, which are enough to compare."""
    given = ("--to", "html") if command == "report" else ("--format", form)
    return nianbao(made.project.root, command, *arguments, "--year", str(YEAR), *given)


def sound_county(folder: Path) -> County:
    """Return a county of three sound towns, built by a pool of two, to compare others with."""
    made = county(folder, healthy=3)
    done = ask(made, *made.towns, "--jobs", "2")
    assert done.code == 0, done.said
    return made


def check_campaign(folder: Path, *, healthy: int, times: int, jobs: int, seconds: int) -> None:
    """Build a county in which every kind of fault occurs ``times``, and demand that each is told and none matters to the others."""
    made = county(folder / "faulty", healthy=healthy, faults=FAULTS, times=times)
    clean = county(folder / "clean", healthy=len(made.towns))
    harmless = [town for town, fault in made.faults.items() if fault.state == "built"]
    reference = ask(clean, *made.healthy, *harmless, "--jobs", str(jobs), "--lang", "en")
    assert reference.code == 0, reference.said
    run = begun(
        made.project.root,
        *("report", *made.towns, "--year", str(YEAR), "--to", "html", "--jobs", str(jobs), "--lang", "en"),
        *("--timeout", str(seconds), "--memory", "1500", "--progress", "json"),
    )
    assert run.wait(WAIT_S) == 1
    assert run.left() == [], "processes were left"
    said = ended(run.said)
    assert set(said) == set(made.towns)
    wrong = {}
    for town, fault in made.faults.items():
        state, why = str(said[town]["state"]), "\n".join(map(str, said[town]["reasons"]))  # type: ignore[call-overload]
        if state != fault.state or fault.said not in why or "defect of nianbao" in why:
            wrong[fault.name] = (state, why)
    assert wrong == {}
    assert {town: said[town]["state"] for town in made.healthy} == dict.fromkeys(made.healthy, "built")
    expected = clean.hashes(made.healthy)
    for name, differ in ((town, expected[town] != made.hashes([town])[town]) for town in made.healthy):
        assert not differ, name
    # the report of a town whose notebook only misbehaved has the same words; what it printed stands in its notebook alone
    for town in harmless:
        assert (made.folder(town) / "report.html").read_bytes() == (clean.folder(town) / "report.html").read_bytes(), town
    for town, fault in made.faults.items():
        manifest = store.read_manifest(made.folder(town))
        assert (manifest is not None and manifest.status == "complete") == (fault.state == "built"), fault.name
    assert store.leftovers(made.folder(made.towns[0]).parent) == []


def killed_at_random(sound: County, folder: Path, *, kills: int, seed: int) -> None:
    """Kill runs at random moments, then demand that every report is whole, that nothing is left, and that a last run mends all."""
    made = county(folder, healthy=len(sound.towns))
    chance = random.Random(seed)
    expected = sound.hashes(sound.towns)
    for _ in range(kills):
        run = begun(made.project.root, "report", *made.towns, "--year", str(YEAR), "--to", "html", "--jobs", "2", "--force")
        time.sleep(chance.uniform(0.2, 12.0))
        run.process.send_signal(signal.SIGKILL)
        run.wait(60)
        assert run.left() == [], "processes outlived the run"
        for town in made.towns:
            # a swap cut short has the whole report under one of two names until the next run
            there = [place for place in (made.folder(town), made.folder(town).with_name(f".{town}.previous")) if place.exists()]
            for place in there:
                manifest = store.read_manifest(place)
                assert manifest is not None
                assert (
                    store.stale(manifest, wanted_inputs=manifest.inputs, wanted_options=manifest.options, folder=place) == []
                ), "a report is half written"
    last = ask(made, *made.towns, "--jobs", "2")
    assert last.code == 0, last.said
    assert made.hashes(made.towns) == expected
    assert store.leftovers(made.folder(made.towns[0]).parent) == []
