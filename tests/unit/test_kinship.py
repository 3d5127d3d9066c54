"""Processes and what they start, and room for their calls."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from nianbao import kinship
from nianbao.callstack import with_room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are taken in on Linux alone")

FAMILY = """
import os, subprocess, sys, time
from nianbao import kinship
kinship.adopt_orphans()
kept = subprocess.Popen(["sleep", "300"])
before = kinship.children(os.getpid())
subprocess.run(["sh", "-c", "setsid sleep 300 & setsid sh -c 'sleep 300 & sleep 300' & exit"])
time.sleep(0.3)
print(len(kinship.children(os.getpid()) - before), flush=True)
kinship.end_new(os.getpid(), before=before)
print(len([pid for pid in kinship.children(os.getpid()) - before if kinship.lives(pid)]), kinship.lives(kept.pid), flush=True)
kept.kill()
"""


def test_orphans_are_taken_in_and_ended_and_what_was_there_before_is_spared() -> None:
    done = subprocess.run([sys.executable, "-c", FAMILY], capture_output=True, text=True, timeout=60, check=True)
    adopted, left = done.stdout.splitlines()
    assert int(adopted) >= 2
    assert left == "0 True"


def test_a_process_bound_to_its_parent_ends_with_it() -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = 'import os, sys, time; from nianbao import kinship; kinship.die_with_parent(int(sys.argv[1])); print(os.getpid(), flush=True); time.sleep(300)'\n"
        "subprocess.Popen([sys.executable, '-c', child, str(os.getpid())])\n"
        "time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert kinship.lives(child)
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while kinship.lives(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not kinship.lives(child)


def test_memory_is_that_of_the_whole_family() -> None:
    own = kinship.family_bytes(os.getpid())
    code = "held = b'x' * 100_000_000; print(flush=True); import time; time.sleep(300)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert kinship.family_bytes(os.getpid()) > own + 90_000_000
        child.kill()
    assert kinship.machine_bytes() > 10_000_000


def leaf(value: int) -> int:
    return value


def deep(depth: int) -> float:
    """Return how long a loop of calls takes that many calls down, in seconds."""
    return loop() if depth == 0 else deep(depth - 1)


def loop() -> float:
    begun = time.perf_counter()
    for _ in range(300):
        leaf(leaf(1))
    return time.perf_counter() - begun


def slowest() -> float:
    """Return the time at the worst of three hundred depths; the best of three, for the machine may be busy."""
    return max(min(deep(depth) for _ in range(3)) for depth in range(300))


def test_calls_cost_the_same_at_any_depth() -> None:
    usual = min(loop() for _ in range(50))
    assert with_room(slowest) < usual * 20


def test_without_room_they_do_not() -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("measured with the Pythons before")
    usual = min(loop() for _ in range(50))
    assert slowest() > usual * 20
