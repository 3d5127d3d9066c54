"""The same plan on a Dask cluster: one task a township, a bounded number in flight, lost workers survived.

Each Dask worker thread builds in a worker process of its own (:class:`nianbao.workers.Slot`), so that limits hold and faults
stay with their township there as here.  Only tasks and outcomes travel; data, params and outputs lie on a path that the
workers see as this machine does, or go through an :class:`nianbao.exchange.Exchange`.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client, LocalCluster, as_completed, get_worker

from nianbao import __version__, kinship, store
from nianbao.errors import NianbaoError, UserError, path_refused
from nianbao.freshness import Outcome, library_hash
from nianbao.workers import Event, Happenings, Limits, Slot, Task, defect, interrupted

if TYPE_CHECKING:
    from nianbao.exchange import Dispatch, Mirror, Parcel

ANSWER_S = 30.0
"""How long the scheduler may take to answer."""
_RETRIES = 2
"""How often Dask gives a township to another worker when a worker could not do it."""
_WINDOW = 2
"""Townships in flight for each thread of the cluster: one at work and one waiting, so that none stands idle."""
_FEWEST = 8
"""Townships in flight whatever the cluster's size, so that one that grows with its queue does grow."""
_FREED_S = 30.0
"""How long a township waits for the lock that a worker which was lost may still hold."""
_LOCAL = "local:"


# ---- on the cluster's workers ----------------------------------------------------------------------------------------

_SLOTS: dict[str, list[Slot]] = {}
"""Worker processes of this Dask worker that are free, by run."""
_BUSY: dict[str, list[Slot]] = {}
"""Those that build, by run."""
_MIRRORS: dict[str, Mirror] = {}
"""What this Dask worker fetched, by run, where there is no shared path."""
_STOPPED: set[str] = set()
"""Runs that were told to stop: what of them was still queued here is not begun."""
_GUARD = threading.Lock()


def build_there(task: Task, limits: Limits, run: str, parcel: Parcel | None) -> tuple[Outcome, str]:
    """Build a township on the Dask worker this is called on, and tell the run meanwhile what happens.

    Returns the outcome and, where the township came as a parcel, the digest of the build that was handed back.
    """
    worker: Any = get_worker()
    _may_have_children()
    mirror = _mirror(run, parcel.url, worker.local_directory) if parcel is not None else None
    if mirror is not None and parcel is not None:
        task = mirror.receive(task, parcel)
    with _GUARD:
        if run in _STOPPED:
            return interrupted(task, begun=False), ""
        free = _SLOTS.setdefault(run, [])
        slot = free.pop() if free else Slot(limits, lambda event: worker.log_event(run, dict(event)))
        _BUSY.setdefault(run, []).append(slot)
    _await_lock(task)
    outcome = slot.build(task)
    with _GUARD:
        _BUSY[run].remove(slot)
        kept = run in _SLOTS
        if kept:
            _SLOTS[run].append(slot)
    if not kept:
        slot.close()  # the run has let go of this worker meanwhile
    return outcome, mirror.send(task, outcome, parcel) if mirror is not None and parcel is not None else ""


def _mirror(run: str, url: str, above: str) -> Mirror:
    from nianbao.exchange import Exchange, Mirror

    with _GUARD:
        if run not in _MIRRORS:
            _MIRRORS[run] = Mirror(Exchange(url), above)
        return _MIRRORS[run]


def _may_have_children() -> None:
    """Let this process start others: Dask marks its workers as processes without children, which a crash would leave behind.

    Ours are bound to their parent by the system, and end with it.
    """
    multiprocessing.current_process()._config.pop("daemon", None)  # type: ignore[attr-defined]  # there is no other way


def _await_lock(task: Task) -> None:
    deadline = time.monotonic() + _FREED_S
    while time.monotonic() < deadline:
        try:
            with store.lock(task.final):
                return
        except UserError:
            time.sleep(0.2)


def let_go(run: str, *, stop: bool) -> None:
    """End the worker processes that this Dask worker keeps for a run; with ``stop`` those that build, too."""
    with _GUARD:
        free, busy, mirror = _SLOTS.pop(run, []), list(_BUSY.get(run, [])), _MIRRORS.pop(run, None)
        if stop:
            _STOPPED.add(run)
    for slot in busy if stop else ():
        slot.stop()
    for slot in free:
        slot.close()
    if mirror is not None:
        mirror.close()


def seen_there(path: str) -> tuple[bool, str]:
    """Return whether the worker sees a folder, and its version of nianbao."""
    return Path(path).is_dir(), _own_version()


def reached_there(url: str, digest: str) -> tuple[UserError | None, str]:
    """Return why the worker does not get what the run handed out at an exchange, and its version of nianbao."""
    from nianbao.exchange import Exchange

    try:
        Exchange(url).take("files", digest)
    except UserError as error:
        return error, _own_version()
    return None, _own_version()


def _own_version() -> str:
    """Return nianbao's version and the beginning of the hash of its files, which tell changed copies of one version apart."""
    return f"{__version__} ({library_hash()[:12]})"


# ---- seen from the run -----------------------------------------------------------------------------------------------


class Cluster:
    """The tasks of a run on a cluster; their outcomes, and what the workers tell, come among the happenings."""

    def __init__(
        self, tasks: Sequence[Task], client: Client, limits: Limits, events: Happenings, dispatch: Dispatch | None
    ) -> None:
        self._client: Any = client
        self._dispatch = dispatch
        self._limits = limits
        self._events = events
        self._left = deque(reversed(tasks))  # counties come last and take longest
        self._run = f"nianbao-{uuid.uuid4().hex}"
        self._flying: dict[str, tuple[Task, Any, Parcel | None]] = {}
        self._stopped = threading.Event()
        self._client.subscribe_topic(self._run, self._hear)
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no more townships and end those begun."""
        self._stopped.set()
        threading.Thread(target=self._recall, daemon=True).start()  # a worker that is lost does not answer

    def _recall(self) -> None:
        with contextlib.suppress(Exception):
            self._client.cancel([future for _, future, _ in list(self._flying.values())])
        with contextlib.suppress(Exception):
            self._client.run(let_go, self._run, stop=True, on_error="ignore")

    def close(self) -> None:
        """Leave the cluster as it was found."""
        self._thread.join(ANSWER_S)
        with contextlib.suppress(Exception):
            self._client.unsubscribe_topic(self._run)
            self._client.run(let_go, self._run, stop=self._stopped.is_set(), on_error="ignore")
        if self._dispatch is not None:
            self._dispatch.close()
        own = self._client.cluster
        with contextlib.suppress(Exception):
            self._client.close()
            if own is not None:
                own.close()

    def _hear(self, event: tuple[float, Event]) -> None:
        if not self._stopped.is_set() and isinstance(event[1], dict):
            self._events.put(event[1])

    def _drive(self) -> None:
        try:
            done: Any = as_completed()
            self._fill(done)
            for future in done:
                task, _, parcel = self._flying.pop(future.key)
                self._events.put(self._outcome(task, future, parcel))
                future.release()
                self._fill(done)
        except Exception as error:  # the scheduler is gone: what is left is told as lost, not waited for
            for task, _, _ in self._flying.values():
                self._events.put(self._lost(task, error))
        while self._left:
            task = self._left.popleft()
            self._events.put(interrupted(task, begun=False))

    def _fill(self, done: Any) -> None:
        if self._stopped.is_set():
            return
        room = max(_FEWEST, _WINDOW * sum(self._client.nthreads().values()))
        while self._left and len(self._flying) < room:
            task = self._left.popleft()
            try:
                parcel = self._dispatch.pack(task) if self._dispatch is not None else None
            except NianbaoError as error:
                self._events.put(_refused(task, error))
                continue
            key = f"{self._run}-{task.township}"
            future = self._client.submit(
                build_there, task, self._limits, self._run, parcel, key=key, pure=False, retries=_RETRIES
            )
            self._flying[key] = (task, future, parcel)
            done.add(future)

    def _outcome(self, task: Task, future: Any, parcel: Parcel | None) -> Outcome:
        if future.status == "finished":
            try:
                outcome, sent = future.result(timeout=ANSWER_S)
                told: Outcome = self._dispatch.take_in(task, outcome, parcel, sent) if self._dispatch and parcel else outcome
                return told
            except NianbaoError as error:
                return _refused(task, error)
            except OSError as error:
                return _refused(task, path_refused(error, error.filename or task.final))
            except Exception as error:
                return self._lost(task, error)
        return self._lost(task, future.exception(timeout=ANSWER_S) if future.status == "error" else None)

    def _lost(self, task: Task, error: BaseException | None) -> Outcome:
        if self._stopped.is_set():
            return interrupted(task, begun=True)
        if isinstance(error, NianbaoError):
            return _refused(task, error)
        kind = type(error).__name__ if error is not None else "?"
        if kind == "KilledWorker":
            said = (
                "每次生成该报告时，集群的工作进程都意外终止"
                if task.options.lang == "zh"
                else "every worker of the cluster that built it ended unexpectedly"
            )
        elif error is None or isinstance(error, OSError):
            said = f"与集群失去联系（{kind}）" if task.options.lang == "zh" else f"contact with the cluster was lost ({kind})"
        else:
            said = defect(error, task.options.lang)
        return Outcome(task.township, "failed", (said,))


def _refused(task: Task, error: NianbaoError) -> Outcome:
    return Outcome(task.township, "refused", (error.told(task.options.lang),))


def begin(tasks: Sequence[Task], address: str, exchange: str, limits: Limits, events: Happenings) -> Cluster:
    """Connect to a cluster and begin the tasks on it.

    ``address`` is a scheduler's (``tcp://…``), the path of a scheduler file, or ``local:N`` for N workers started here; ``exchange``
    the fsspec URL by which files come and go, ``""`` where the workers see the paths of this machine.

    Raises:
        UserError: the scheduler does not answer; a worker does not see the project or the outputs, does not reach the exchange, or has
            another nianbao.
    """
    client = _client(address)
    dispatch = None
    try:
        if exchange:
            from nianbao.exchange import Dispatch

            dispatch = Dispatch(exchange, tasks[0].root)
            for worker, (error, version) in client.run(reached_there, exchange, dispatch.shared).items():
                _require_alike(str(worker), version)
                if error is not None:
                    raise UserError(f"worker {worker}: {error}", zh=f"集群的工作进程{worker}：{error.told('zh')}")
        else:
            for folder in dict.fromkeys((tasks[0].root, tasks[0].final.parent)):
                for worker, (seen, version) in client.run(seen_there, str(folder)).items():
                    _require_alike(str(worker), version)
                    _require_seen(str(worker), folder, seen=seen)
        return Cluster(tasks, client, limits, events, dispatch)
    except BaseException:
        if dispatch is not None:
            dispatch.close()
        own = client.cluster
        client.close()
        if own is not None:
            own.close()
        raise


def _require_seen(worker: str, folder: Path, *, seen: bool) -> None:
    if not seen:
        raise UserError(
            f"{folder}: worker {worker} does not see this folder; put project and outputs on a path that every worker sees, "
            "or let files go through an address that all reach, with --exchange",
            zh=f"{folder}：集群的工作进程{worker}看不到这个文件夹；项目和输出须放在每台机器都能看到的路径上，"
            "或用 --exchange 指定一个各台机器都能读写的地址来传送文件",
        )


def _require_alike(worker: str, version: str) -> None:
    if version != _own_version():
        raise UserError(
            f"worker {worker} has nianbao {version}, this machine {_own_version()}; install the same on both",
            zh=f"集群的工作进程{worker}装的是 nianbao {version}，本机是 {_own_version()}；请装成同一版本",
        )


def _client(address: str) -> Any:
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the outcome of each township says what went wrong
    try:
        if address.startswith(_LOCAL) and address.removeprefix(_LOCAL).isdecimal():
            kinship.adopt_orphans()
            local: Any = LocalCluster(
                n_workers=int(address.removeprefix(_LOCAL)) or os.cpu_count(),
                threads_per_worker=1,
                memory_limit=0,  # the limit of a township is ours
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
            return Client(local, timeout=ANSWER_S)
        if Path(address).is_file():
            return Client(scheduler_file=address, timeout=ANSWER_S)
        return Client(address, timeout=ANSWER_S)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{address}: no Dask scheduler answers there ({type(error).__name__}); give tcp://HOST:PORT or the path of a scheduler file",
            zh=f"{address}：这个地址没有 Dask 调度程序应答（{type(error).__name__}）；请写 tcp://主机:端口，或调度文件的路径",
        ) from error
