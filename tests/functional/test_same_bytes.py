"""The same input gives the same bytes: another folder, hour, zone, locale, hash seed, home, number of workers or engine changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from built import Built, copy_project, hashes
from county import TOWN, YEAR, build_project

KINDS = {".html", ".pdf", ".docx", ".xlsx", ".ipynb", ".csv", ".json"}
"""What a build consists of."""
ELSEWHEN = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec *told) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(which, told);
    if (which == CLOCK_REALTIME) told->tv_sec += atol(getenv("SHIFTED_S"));
    return code;
}
int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}
"""
"""A library that moves the clock of a program, and of all it starts, by ``SHIFTED_S`` seconds, whatever language reads it."""


@dataclass(frozen=True)
class Way:
    """How a build differs from the first: environment, options, mask of new files, and whether the clock is moved."""

    env: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    umask: int = 0o022
    shifted_s: int = 0


WAYS = {
    "another hour of another day in another zone": Way({"TZ": "Pacific/Kiritimati"}, shifted_s=400 * 86_400 + 5 * 3600 + 1234),
    "another locale and home, files for oneself alone": Way(
        {"LANG": "C", "LC_ALL": "C", "HOME": "own home", "TZ": "America/St_Johns"}, umask=0o077
    ),
    "Chinese and a hash seed": Way({"LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8", "PYTHONHASHSEED": "0"}),
    "another hash seed, one worker": Way({"PYTHONHASHSEED": "1"}, ("--jobs", "1")),
    "a hash seed by chance, two workers": Way({"PYTHONHASHSEED": "random"}, ("--jobs", "2")),
    "kernels": Way(options=("--engine", "kernel")),
}
"""Every way is also a folder, a process and a second of its own."""
TOWN_BUILDS = {
    "internal": (),
    "public": ("--edition", "public"),
    "English": ("--lang", "en"),
}


def prepared(way: Way, folder: Path) -> dict[str, str]:
    """Return the environment of a way, its home and clock made under ``folder``."""
    env = {**os.environ, **way.env}
    if "HOME" in way.env:
        (folder / "own home").mkdir(parents=True)
        env["HOME"] = str(folder / "own home")
    if (
        way.shifted_s and shutil.which("cc") and sys.platform == "linux"
    ):  # elsewhere it is another second, and the zone, that differ
        library = folder / "elsewhen.so"
        command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(command, input=ELSEWHEN.encode("ascii"), check=True)
        env |= {"LD_PRELOAD": str(library), "SHIFTED_S": str(way.shifted_s)}
    return env


def build(project: Path, *arguments: str, way: Way, folder: Path) -> None:
    """Build reports of a project in one way."""
    done = subprocess.run(
        [sys.executable, "-m", "nianbao.cli", "report", *arguments, *way.options],
        cwd=project,
        env=prepared(way, folder),
        umask=way.umask,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8")


def differing(first: dict[str, str], again: dict[str, str]) -> list[str]:
    """Return the files that are not the same."""
    return sorted(name for name in first.keys() | again.keys() if first.get(name) != again.get(name))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the hashes of a tiny town's report, by what was asked for."""
    project = build_project(tmp_path_factory.mktemp("town"))
    project.write()
    for name, options in TOWN_BUILDS.items():
        build(project.root, TOWN, "--year", str(YEAR), "--out", name, *options, way=Way(), folder=project.root)
    return {name: hashes(project.root / name / str(YEAR) / TOWN) for name in TOWN_BUILDS}


@pytest.mark.skipif(not shutil.which("cc") or sys.platform != "linux", reason="a clock is moved by a library compiled for it")
def test_the_clock_of_a_shifted_way_is_another(tmp_path: Path) -> None:
    way = WAYS["another hour of another day in another zone"]
    program = "import time, datetime; print(time.time(), datetime.datetime.now().timestamp(), time.gmtime().tm_year)"
    env = prepared(way, tmp_path)
    shifted, plain = (
        subprocess.run([sys.executable, "-c", program], env=one, check=True, capture_output=True).stdout.split()
        for one in (env, dict(os.environ))
    )
    assert all(float(one) - float(other) > way.shifted_s - 1 for one, other in zip(shifted[:2], plain[:2], strict=True))
    assert int(shifted[2]) > int(plain[2])


@pytest.mark.parametrize("name", WAYS)
def test_a_report_is_the_same_bytes_whoever_builds_it_where_and_when(built: Built, tmp_path: Path, name: str) -> None:
    project = copy_project(tmp_path / f"{list(WAYS).index(name)} deeper" / "项目")
    build(project, "maolin", "--year", "2020", way=WAYS[name], folder=tmp_path)
    first, again = hashes(built.folder), hashes(project / "outputs" / "2020" / "maolin")
    assert {Path(file).suffix for file in first} == KINDS
    assert differing(first, again) == []


@pytest.mark.parametrize("name", WAYS)
def test_so_are_the_public_edition_and_the_english_one_of_a_town(
    town: dict[str, dict[str, str]], tmp_path: Path, name: str
) -> None:
    project = build_project(tmp_path / "乡镇")
    project.write()
    # each way builds one of them, so that six ways build every one twice
    kind = list(TOWN_BUILDS)[list(WAYS).index(name) % len(TOWN_BUILDS)]
    build(project.root, TOWN, "--year", str(YEAR), "--out", "outputs", *TOWN_BUILDS[kind], way=WAYS[name], folder=tmp_path)
    assert differing(town[kind], hashes(project.root / "outputs" / str(YEAR) / TOWN)) == []
