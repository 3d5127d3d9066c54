"""Worker processes: one township at a time in a process of its own, held to a time and to a memory, and never heard of again if it dies.

A :class:`Slot` is one worker process (Pebble's pool of one) with its own warm parent.  Whatever ends the process, a crash of a
library, a kill, an overrun, becomes the outcome of the township it was building; the next township gets a new process.
What a township's notebooks leave running is ended before the next one begins.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

from nianbao import kinship, store
from nianbao.callstack import with_room
from nianbao.errors import NianbaoError, path_refused
from nianbao.freshness import Options, Outcome

if TYPE_CHECKING:
    from pebble import ProcessPool

# Pebble takes a while to import, and a run of one township has no worker

Event = Mapping[str, Any]
"""One thing that happened in a run, as JSON values: ``event`` says what, ``township`` to whom."""
Tell = Callable[[Event], None]

Happenings = SimpleQueue[Event | Outcome | int]
"""What those who do the tasks tell the run: events, outcomes, and the number of a signal that ends it."""

SECONDS = 1800.0
"""How long a township may take unless the run says otherwise; a county of hundreds of towns needs minutes."""
_SHARE = 0.8
"""Part of the machine's memory that the townships of a run may take together unless the run says otherwise."""
_LOOK_S = 0.5
"""How often a worker's memory is weighed."""
_MOST_LINE = 3000
"""Bytes of a message of a worker: what a pipe takes at once, so that a kill never leaves half a message before another."""


@dataclass(frozen=True)
class Limits:
    """What one township may take: ``seconds`` of time and ``megabytes`` of memory, all its processes together."""

    seconds: float = SECONDS
    megabytes: int = 0

    @classmethod
    def given(cls, *, seconds: float | None, megabytes: int | None, jobs: int) -> Limits:
        """Return limits as a run asks for them; unsaid memory is the share of one of ``jobs`` in most of the machine's."""
        share = int(kinship.machine_bytes() * _SHARE / jobs / 1e6)
        return cls(seconds or SECONDS, megabytes or share)


@dataclass(frozen=True)
class Task:
    """One township to build; ``lang`` of its options is the language it is told in."""

    root: Path
    township: str
    options: Options

    @property
    def final(self) -> Path:
        """Where its build lies."""
        return self.options.out / str(self.options.year) / self.township


class Interrupted(BaseException):
    """The run was asked to stop while it built a township in this process."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Overrun(BaseException):
    """A township built in this process took longer than it may."""


def built(task: Task, progress: Callable[[str], None]) -> Outcome:
    """Build a township in this process and return what became of it, whatever that was.

    A fault of the disk, or a defect of nianbao itself, is an outcome too; only what stops the run passes.
    """
    from nianbao.pipeline import build_report

    begun = time.perf_counter()
    try:
        return with_room(lambda: build_report(task.root, task.township, task.options, progress=progress))
    except NianbaoError as error:
        return _lost(task, error.told(task.options.lang), begun, state="refused")
    except OSError as error:
        return _lost(task, path_refused(error, error.filename or task.final).told(task.options.lang), begun, state="refused")
    except (Exception, SystemExit) as error:
        return _lost(task, defect(error, task.options.lang), begun)


def defect(error: BaseException, lang: str) -> str:
    """Return what is told of an error nobody foresaw: its kind and where it arose, never what it says, which may quote data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    kind = type(error).__name__
    if lang == "zh":
        return f"程序出错（{kind}，{where}）；这是 nianbao 的缺陷，请连同运行记录一并报告"
    return f"the program failed ({kind} in {where}); this is a defect of nianbao, please report it with the run's log"


def _lost(task: Task, reason: str, begun: float, *, state: Literal["failed", "refused", "interrupted"] = "failed") -> Outcome:
    return Outcome(task.township, state, (reason,), None, (), time.perf_counter() - begun)


def interrupted(task: Task, *, begun: bool) -> Outcome:
    """Return the outcome of a township that the run stopped in, or did not come to."""
    if task.options.lang == "zh":
        said = "运行被中止，尚未完成；再次运行即可继续" if begun else "运行被中止，尚未开始；再次运行即可继续"
    else:
        said = f"the run was stopped {'before it had finished' if begun else 'before it was begun'}; run again to resume"
    return Outcome(task.township, "interrupted", (said,))


def overran(task: Task, limits: Limits, *, memory: bool) -> str:
    """Return why a township was ended: too long, or too much memory."""
    if task.options.lang == "zh":
        return (
            f"占用内存超过{limits.megabytes} MB，已终止；可用 --memory 放宽"
            if memory
            else f"用时超过{limits.seconds:g}秒，已终止；可用 --timeout 放宽"
        )
    if memory:
        return f"it took more than {limits.megabytes} MB of memory and was ended; allow more with --memory"
    return f"it took longer than {limits.seconds:g} s and was ended; allow more with --timeout"


def _died(task: Task, code: int | None) -> str:
    how = f"signal {-code}" if code is not None and code < 0 else f"exit {code}" if code is not None else "?"
    if task.options.lang == "zh":
        return f"生成该报告的进程意外终止（{how}），可能是内存不足或被其他程序结束；请再运行一次"
    return f"the process that built it ended unexpectedly ({how}): killed from outside, or out of memory; run again"


def tidy(task: Task) -> None:
    """Undo or complete what a process that was ended left half done beside a township's build, unless another run holds it."""
    with contextlib.suppress(NianbaoError, OSError), store.lock(task.final):
        store.recover(task.final)


# ---- in the worker ---------------------------------------------------------------------------------------------------

_LINE: list[Connection] = []
"""The end of the pipe on which this worker tells what it does."""


def _begin(line: Connection, parent: int) -> None:
    """Prepare a worker: it ends with the run, takes in orphans, and is the first to go when memory is out."""
    kinship.die_with_parent(parent)
    kinship.adopt_orphans()
    kinship.first_to_go()
    _LINE.append(line)
    _told(event="worker", pid=os.getpid())


def _told(**event: object) -> None:
    text = json.dumps(event, ensure_ascii=False).encode("utf-8")
    if len(text) <= _MOST_LINE:
        with contextlib.suppress(OSError):
            _LINE[0].send_bytes(text)


def _build(task: Task) -> Outcome:
    """Build a township in the worker, telling what it does, and leave nothing of it running."""
    _told(event="begun", township=task.township)
    try:
        with swept():
            return built(task, lambda line: _told(event="progress", township=task.township, line=line))
    finally:
        if (dataset := sys.modules.get("nianbao.dataset")) is not None:
            dataset.close_all()  # the next township reads its own


@contextlib.contextmanager
def swept() -> Iterator[None]:
    """End what the notebooks of a township left running below this process; the warm parent stays for the next one."""
    before = kinship.children(os.getpid())
    try:
        yield
    finally:
        engine = sys.modules.get("nianbao.engine")
        kinship.end_new(os.getpid(), before=before, emptied=engine.warm_pid() if engine is not None else None)


# ---- seen from the run -----------------------------------------------------------------------------------------------


class Slot:
    """A place for one worker process, which is started when first needed and replaced whenever it ended otherwise than well."""

    def __init__(self, limits: Limits, tell: Tell) -> None:
        self._limits = limits
        self._tell = tell
        self._pool: ProcessPool | None = None
        self._reader: Connection | None = None
        self._writer: Connection | None = None
        self._pid = 0
        self._stopped = threading.Event()

    def build(self, task: Task) -> Outcome:
        """Build a township in the worker and return what became of it; never raises for what happens to the worker."""
        if self._stopped.is_set():
            return interrupted(task, begun=False)
        begun = time.perf_counter()
        woken, waker = Pipe(duplex=False)
        try:
            pool, reader = self._started()
            future: Future[Outcome] = pool.schedule(_build, args=(task,), timeout=self._limits.seconds)
            future.add_done_callback(lambda _: waker.send_bytes(b"."))
            heavy = self._watched(future, reader, woken)
            return self._outcome(task, future, begun, heavy=heavy)
        except (BrokenProcessPool, RuntimeError, OSError) as error:  # the worker could not even start
            self._discard()
            if self._stopped.is_set():
                return interrupted(task, begun=False)
            return _lost(task, defect(error, task.options.lang), begun)
        finally:
            woken.close()
            waker.close()

    def stop(self) -> None:
        """End the worker at once; the township it builds becomes ``interrupted``, and no other is begun.  Any thread may call it."""
        self._stopped.set()
        if self._pid:
            kinship.end_family(self._pid)

    def close(self) -> None:
        """Let the worker go; only when it builds nothing."""
        self._discard(kill=False)

    def _started(self) -> tuple[ProcessPool, Connection]:
        if self._pool is None or self._reader is None:
            from pebble import ProcessPool

            self._reader, self._writer = Pipe(duplex=False)
            # a fresh interpreter: this process has threads, and may have opened what a fork should not share
            self._pool = ProcessPool(
                max_workers=1, initializer=_begin, initargs=(self._writer, os.getpid()), context=get_context("spawn")
            )
        return self._pool, self._reader

    def _watched(self, future: Future[Outcome], reader: Connection, woken: Connection) -> bool:
        """Pass on what the worker tells until the township is done; return whether it was ended for its memory."""
        heavy, look, gone = False, time.monotonic() + _LOOK_S, 0
        while not future.done():
            ready = wait([reader, woken], timeout=_LOOK_S)
            self._pass_on(reader)
            if woken in ready:
                break
            if time.monotonic() < look or not self._pid:
                if self._stopped.is_set():
                    future.cancel()
                continue
            look = time.monotonic() + _LOOK_S
            if self._stopped.is_set():
                kinship.end_family(self._pid)
            elif 0 < self._limits.megabytes * 1_000_000 < kinship.family_bytes(self._pid):
                heavy = True
                kinship.end_family(self._pid)
            gone = 0 if kinship.lives(self._pid) else gone + 1
            if gone > 4:  # a process that left with code 0 is not missed by the pool
                future.cancel()
        self._pass_on(reader)
        return heavy

    def _pass_on(self, reader: Connection) -> None:
        with contextlib.suppress(EOFError, OSError):
            while reader.poll():
                event = json.loads(reader.recv_bytes())
                if event["event"] == "worker":
                    self._pid = event["pid"]
                    if self._stopped.is_set():
                        kinship.end_family(self._pid)
                elif not self._stopped.is_set():
                    self._tell(event)

    def _outcome(self, task: Task, future: Future[Outcome], begun: float, *, heavy: bool) -> Outcome:
        from pebble import ProcessExpired

        try:
            return future.result(timeout=10)
        except Late:
            reason = overran(task, self._limits, memory=False)
        except ProcessExpired as error:
            reason = overran(task, self._limits, memory=True) if heavy else _died(task, error.exitcode)
        except (CancelledError, BrokenProcessPool):
            reason = overran(task, self._limits, memory=True) if heavy else _died(task, None)
        except Exception as error:
            reason = defect(error, task.options.lang)
        self._discard()
        tidy(task)
        if self._stopped.is_set():
            return interrupted(task, begun=True)
        return _lost(task, reason, begun)

    def _discard(self, *, kill: bool = True) -> None:
        """Give up the worker, its pool and the pipe, which a process that was killed may have left locked or cut short."""
        pool, self._pool = self._pool, None
        if pool is not None:
            if kill and self._pid:
                kinship.end_family(self._pid)
            if kill:
                pool.stop()
            else:
                pool.close()
            with contextlib.suppress(RuntimeError, BrokenProcessPool):
                pool.join()
        for end in (self._reader, self._writer):
            if end is not None:
                end.close()
        self._reader = self._writer = None
        self._pid = 0
