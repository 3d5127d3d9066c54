"""Processes and what they start: children that end with their parent, orphans taken in, and whole families ended and weighed.

A notebook may start programs of its own, detach them, or be killed itself.  Nothing of it may outlive the run: on Linux a
process of a run takes in the orphans below it (a child subreaper), so whatever a notebook left can be found and ended.
Elsewhere only what is still in its place in the family is found.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable
from pathlib import Path

import psutil

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
"""Options of Linux's prctl: the signal a process gets when its parent ends, and that it is given the orphans below it."""
_ROUNDS = 50
"""How often a family that goes on multiplying is gone over before it is left to the system."""


def die_with_parent(parent: int) -> None:
    """Bind this process to its ``parent``: it is killed when that one ends, at once if it has ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def told_of_parents_end(number: int) -> None:
    """Have the system send this process the signal ``number`` when its parent, or the thread that started it, ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of whatever below this process loses its own, so that :func:`below` finds it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)


def first_to_go() -> None:
    """Offer this process and all it starts to a system out of memory before any other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def below(pid: int) -> list[psutil.Process]:
    """Return the processes that come from ``pid``, children before theirs."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def end_below(pid: int) -> None:
    """Kill the processes that come from ``pid``, until none is left."""
    for _ in range(_ROUNDS):
        found = [process for process in below(pid) if lives(process.pid)]
        if not found:
            break
        end(found)


def children(pid: int) -> set[int]:
    """Return the processes that ``pid`` started itself, or took in."""
    try:
        return {process.pid for process in psutil.Process(pid).children()}
    except psutil.Error:
        return set()


def end_new(pid: int, *, before: Collection[int], emptied: int | None = None) -> None:
    """Kill the children of ``pid`` that are not among those ``before``, with all that come from them; of ``emptied`` only what comes from it."""
    if emptied is not None:
        end_below(emptied)
    for _ in range(_ROUNDS):
        found = [child for child in _new(pid, before) if child != emptied]
        if not found:
            break
        for child in found:
            end_family(child)


def alive_new(pid: int, *, before: Collection[int]) -> bool:
    """Return whether a child of ``pid`` that is not among those ``before`` still runs."""
    return bool(_new(pid, before))


def _new(pid: int, before: Collection[int]) -> list[int]:
    return [child for child in children(pid) - set(before) if lives(child) and not _tracks_resources(child)]


def _tracks_resources(pid: int) -> bool:
    """True for the helper of Python's own that clears away what processes share; it leaves by itself, and last."""
    try:
        return "multiprocessing.resource_tracker" in " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def end(processes: Iterable[psutil.Process]) -> None:
    """Kill processes: stopped first, so that none has a child while the others are killed."""
    given = list(processes)
    for number in (signal.SIGSTOP, signal.SIGKILL) if sys.platform != "win32" else (signal.SIGTERM,):
        for process in given:
            with contextlib.suppress(psutil.Error, OSError):
                process.send_signal(number)
    deadline = time.monotonic() + 1.0
    # looked at, not waited for: whoever started a process must still be able to ask how it ended
    while any(lives(process.pid) for process in given) and time.monotonic() < deadline:
        time.sleep(0.01)


def end_family(pid: int) -> None:
    """Kill a process and all that come from it."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        end([process, *below(pid)])


def family_bytes(pid: int) -> int:
    """Return the memory that a process and all below it take, bytes; what they share is counted once; 0 when it has ended."""
    try:
        family = [psutil.Process(pid), *below(pid)]
    except psutil.Error:
        return 0
    return sum(_bytes(process) for process in family)


def _bytes(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        taken = process.memory_full_info()
        return int(getattr(taken, "pss", 0) or taken.uss)
    return 0


def lives(pid: int) -> bool:
    """Return whether a process is there and not merely waiting to be collected."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def machine_bytes() -> int:
    """Return the memory this machine, or the container this process runs in, may use."""
    total = int(psutil.virtual_memory().total)
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(Path(name).read_text(encoding="ascii")))
    return total
