"""A run over many townships: one plan, one township a task, on whichever executor: this process, a pool of workers, a Dask cluster.

No task needs another's outputs: a county reads the returns of its towns, not their reports.  What happens to one township
is its own outcome; a signal ends the run within seconds and leaves what was finished in place.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from nianbao import __version__, journal, kinship, store
from nianbao.freshness import Options, Outcome, fresh
from nianbao.project import township_keys
from nianbao.workers import (
    Event,
    Happenings,
    Interrupted,
    Limits,
    Overrun,
    Slot,
    Task,
    Tell,
    built,
    defect,
    interrupted,
    overran,
    swept,
    tidy,
)

STOPPING_S = 3.0
"""How long a run that was told to stop may take to end its workers before it leaves without waiting for them."""
_LEAVING_S = 1.0
"""How long what workers started may take to leave by itself."""
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True)
class Request:
    """How a run is to be done: ``jobs`` townships at a time, or as many as ``cluster`` (a Dask address) takes, each within ``limits``.

    ``exchange`` is the fsspec URL by which a cluster gets its files and hands reports back; ``""`` for a path that all share.
    """

    jobs: int = 1
    limits: Limits = field(default_factory=Limits)
    cluster: str = ""
    exchange: str = ""


@dataclass(frozen=True)
class Done:
    """What became of a run: an outcome a township, in the order asked, and the signal that ended it, 0 where none did."""

    outcomes: tuple[Outcome, ...]
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """0 all good, 1 a township was not built, 128 and the signal's number where the run was stopped."""
        if self.signal:
            return 128 + self.signal
        return 0 if all(outcome.good for outcome in self.outcomes) else 1


def plan(root: Path, townships: Sequence[str], options: Options) -> tuple[Task, ...]:
    """Return the tasks of a run in the order asked, one a township, with paths that hold in any process."""
    settled = replace(options, out=options.out.absolute())
    return tuple(Task(root.absolute(), name, settled) for name in dict.fromkeys(townships))


def run(tasks: Sequence[Task], request: Request, tell: Tell) -> Done:
    """Do the tasks and return what became of each; what happens meanwhile goes to ``tell`` and, but for a dry run, to the run's log.

    Raises:
        UserError: another run that is going on builds one of the townships, or the cluster does not answer.
    """
    if not tasks:
        return Done(())
    options = tasks[0].options
    year = options.out / str(options.year)
    with contextlib.ExitStack() as held:
        log = journal.Journal(None)
        known = set(township_keys(tasks[0].root))
        there = [task.township for task in tasks if task.township in known]  # a slip of the hand is nothing to keep
        if there and not options.dry_run:
            log = held.enter_context(journal.opened(year, there))
            _clear_leftovers(tasks, year)
        if log.refused:
            tell({"event": "note", "text": _no_log(log.refused, options.lang)})

        def told(event: Event) -> None:
            log.write(event)
            tell(event)

        told(
            {
                "event": "plan",
                "version": __version__,
                "year": options.year,
                "townships": [task.township for task in tasks],
                "options": {**options.key(), "engine": options.engine, "force": options.force},
                "jobs": request.jobs,
                "cluster": bool(request.cluster),
                "seconds": request.limits.seconds,
                "megabytes": request.limits.megabytes,
            }
        )
        done = _done(tasks, request, told)
        states = [outcome.state for outcome in done.outcomes]
        told(
            {
                "event": "run-ended",
                "code": done.exit_code,
                "states": {state: states.count(state) for state in sorted(set(states))},
            }
        )
        return done


def _no_log(why: str, lang: str) -> str:
    return f"运行记录写不下（{why}），本次没有记录" if lang == "zh" else f"no log of this run can be written ({why})"


def _clear_leftovers(tasks: Sequence[Task], year: Path) -> None:
    """Clear away what runs that were killed left beside the builds of this run; one look at the folder, however many builds it has."""
    left = set(store.leftovers(year))
    for task in tasks:
        if task.township in left:
            tidy(task)


def _done(tasks: Sequence[Task], request: Request, tell: Tell) -> Done:
    outcomes: dict[str, Outcome] = {}
    waiting = []
    for task in tasks:
        fresh = fresh_outcome(task)
        if fresh is None:
            waiting.append(task)
        else:
            outcomes[task.township] = fresh
            tell(_ended(fresh))
    ended = 0
    if request.cluster and waiting:
        from nianbao import cluster

        with _noted() as events:
            try:
                with _raising():  # nothing takes in events yet, and an address that does not answer is waited for long
                    begun = cluster.begin(waiting, request.cluster, request.exchange, request.limits, events)
            except Interrupted as wish:
                for task in waiting:
                    outcomes[task.township] = interrupted(task, begun=False)
                    tell(_ended(outcomes[task.township]))
                ended = wish.number
            else:
                ended = _followed(waiting, begun, events, outcomes, tell)
    elif len(tasks) == 1 and waiting:
        kinship.adopt_orphans()
        outcome, ended = _here(waiting[0], request.limits, tell)
        outcomes[outcome.township] = outcome
    elif waiting:
        kinship.adopt_orphans()
        before = kinship.children(os.getpid())
        with _noted() as events:
            ended = _followed(waiting, _Pool(waiting, request, events), events, outcomes, tell)
        _end_orphans(before)
    return Done(tuple(outcomes[task.township] for task in tasks), ended)


def fresh_outcome(task: Task) -> Outcome | None:
    """Return the outcome of a township whose report is up to date, told without opening its dataset; None where that is not known."""
    return fresh(task.root, task.township, task.options)


def _ended(outcome: Outcome) -> dict[str, Any]:
    return {
        "event": "ended",
        "township": outcome.township,
        "state": outcome.state,
        "reasons": list(outcome.reasons),
        "seconds": round(outcome.seconds, 3),
        "files": len(outcome.files),
        "warnings": outcome.warnings,
    }


# ---- in this process -------------------------------------------------------------------------------------------------


def _here(task: Task, limits: Limits, tell: Tell) -> tuple[Outcome, int]:
    """Build one township in this process: nothing else is there to be harmed, and no worker need be started."""
    tell({"event": "begun", "township": task.township})
    begun, number = time.perf_counter(), 0
    try:
        with swept(), _raising(), _within(limits.seconds):
            outcome = built(task, lambda line: tell({"event": "progress", "township": task.township, "line": line}))
    except Interrupted as wish:
        outcome, number = interrupted(task, begun=True), wish.number
    except Overrun:
        reason = overran(task, limits, memory=False)
        outcome = Outcome(task.township, "failed", (reason,), seconds=time.perf_counter() - begun)
    if outcome.state in ("interrupted", "failed"):
        tidy(task)
    tell(_ended(outcome))
    return outcome, number


@contextlib.contextmanager
def _raising() -> Iterator[None]:
    """Have the signals that end a run raise :class:`Interrupted`; only the first counts, and it is the last this process waits for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    late: list[threading.Timer] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        late.append(_leave_late(number, STOPPING_S))
        raise Interrupted(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for timer in late:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise :class:`Overrun` in a block that takes longer, where the system has alarms."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise Overrun

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _leave_late(number: int, seconds: float) -> threading.Timer:
    """Leave the process, with all below it, if a run that was told to stop is still there after that long."""

    def leave() -> None:
        kinship.end_below(os.getpid())
        os._exit(128 + number)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
    return timer


# ---- a pool of workers -----------------------------------------------------------------------------------------------


class Executor(Protocol):
    """Does tasks in the background, and puts among the happenings the outcome of each."""

    def stop(self) -> None:
        """Begin no more tasks and end those begun; their outcomes are ``interrupted``."""

    def close(self) -> None:
        """Let go of everything, once each task has its outcome."""


class _Pool:
    """Workers of this machine, each in the hands of a thread that gives it one township after another."""

    def __init__(self, tasks: Sequence[Task], request: Request, events: Happenings) -> None:
        self._events = events
        self._left: queue.SimpleQueue[Task] = queue.SimpleQueue()
        count = min(request.jobs, len(tasks))
        # whole counties come after their towns and take longest: begun first, none is left to one worker at the end
        for task in tasks if count == 1 else reversed(tasks):
            self._left.put(task)
        self._slots = [Slot(request.limits, events.put) for _ in range(count)]
        self._threads = [threading.Thread(target=self._work, args=(slot,), daemon=True) for slot in self._slots]
        for thread in self._threads:
            thread.start()

    def _work(self, slot: Slot) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._left.get_nowait()
                try:
                    self._events.put(slot.build(task))
                except Exception as error:  # none is foreseen; a township without an outcome would be waited for without end
                    self._events.put(Outcome(task.township, "failed", (defect(error, task.options.lang),)))
        slot.close()

    def stop(self) -> None:
        for slot in self._slots:
            slot.stop()

    def close(self) -> None:
        for thread in self._threads:
            thread.join()


def _followed(
    tasks: Sequence[Task],
    executor: Executor,
    events: Happenings,
    outcomes: dict[str, Outcome],
    tell: Tell,
) -> int:
    """Take in what the executor tells until each task has its outcome; return the signal that ended the run, or 0."""
    left = {task.township: task for task in tasks}
    ended, deadline, late = 0, None, None
    while left:
        try:
            event = events.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
        except queue.Empty:  # what does not end in time is left behind, and killed with its family
            for task in left.values():
                outcomes[task.township] = interrupted(task, begun=True)
                tell(_ended(outcomes[task.township]))
            return ended  # and the process leaves soon, however long a library takes to clear up when it ends
        if isinstance(event, int):
            if not ended:
                ended, deadline = event, time.monotonic() + STOPPING_S
                late = _leave_late(event, STOPPING_S + 1.5 * _LEAVING_S)
                tell({"event": "signal", "number": event})
                executor.stop()
        elif isinstance(event, Outcome):
            left.pop(event.township, None)
            outcomes[event.township] = event
            tell(_ended(event))
        else:
            tell(event)
    if late is None or deadline is None:
        executor.close()
        return ended
    closing = threading.Thread(target=executor.close, daemon=True)
    closing.start()
    closing.join(max(0.0, deadline - time.monotonic()))
    if not closing.is_alive():
        late.cancel()
    return ended


@contextlib.contextmanager
def _noted() -> Iterator[Happenings]:
    """Yield a queue for what happens in a run, to which a signal that ends it adds its number."""
    events: Happenings = queue.SimpleQueue()
    if threading.current_thread() is not threading.main_thread():
        yield events
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, lambda number, _frame: events.put(number))
    try:
        yield events
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_orphans(before: set[int]) -> None:
    """Wait a moment for what the workers started to leave by itself, then end what did not; what was there ``before`` is not theirs."""
    deadline = time.monotonic() + _LEAVING_S
    while kinship.alive_new(os.getpid(), before=before) and time.monotonic() < deadline:
        time.sleep(0.02)
    kinship.end_new(os.getpid(), before=before)
