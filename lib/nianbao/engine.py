"""papermill engines: ``nianbao`` runs a notebook in a child forked from a warm process, ``nianbao-kernel`` in a local kernel.

A kernel spends most of a short notebook's time on starting and importing.  :class:`WarmForkEngine` pays that once: the
first notebook starts the warm parent (:mod:`nianbao.warm`), and every notebook after it runs in a fresh fork of that
process, as isolated from the others as a kernel of its own.  Within a :func:`session` the notebooks of one report share a fork,
which begins each of them afresh (:mod:`nianbao.beginning`).  Outputs follow the rules of nbclient, so the executed notebook is the one
that plain papermill would have made.

The warm parent is a separate program, not a fork of this process: papermill loads libraries that start threads, and a
process with threads cannot be forked safely.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import math
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if "papermill.engines" not in sys.modules:
    # While it is imported papermill loads every registered engine, this one included, and finds it unfinished if this
    # module came first.  Stepping aside lets papermill import a finished copy; the import system then returns that copy.
    del sys.modules[__name__]
    import papermill.engines  # noqa: F401

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine
from traitlets.config import Config

from nianbao.limits import MEMORY_MB, TIMEOUT_S

_LOG = logging.getLogger("nianbao.engine")

PRELOAD: tuple[str, ...] = (
    "pandas",
    "numpy",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "IPython.display",
    "yaml",
    "pydantic",
    "python_calamine",
    "openpyxl",
    "nianbao.chapter",
    "nianbao.files.crosscheck",
    "nianbao.files.ooxml",
    "nianbao.files.opendoc",
    "nianbao.files.plaintext",
    "nianbao.files.workbook97",
)
"""What the warm parent imports before it forks: all that a chapter uses, and nothing that starts a thread."""

GRACE_S = 2.0
"""How long an interrupted cell may take to unwind before its process is killed."""
START_S = 120.0
"""How long the warm parent may take to import :data:`PRELOAD`."""
PRIME_S = 1800.0
"""How long a child may take to open a dataset: that of a county of hundreds of towns takes minutes."""
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
"""The matplotlib backend that IPython kernels set in their environment."""
SINGLE_THREAD = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""Environment that keeps the libraries of the warm parent from starting threads."""


class WarmParentError(RuntimeError):
    """The warm parent or a child of it could not be started: a defect of the installation, not of a notebook."""


class WarmForkEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """The engine ``nianbao``: one fork of a warm process a notebook or a session; elsewhere than on Linux a local kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        execution_timeout: float | None = None,
        working_folder: str | None = None,
        memory_mb: int | None = MEMORY_MB,
        network: bool = False,
        alone: bool = False,
        **options: Any,
    ) -> NotebookNode:
        """Run the cells of ``nb_man.nb`` in place, reporting each to ``nb_man``, and return the notebook.

        ``execution_timeout`` is in seconds for each cell, :data:`nianbao.limits.TIMEOUT_S` where none is given and no bound where
        it is 0; ``working_folder`` the notebook's working directory, by default this process's; ``memory_mb`` what the notebook
        may take in megabytes beyond what the warm parent holds, None for no bound.  Without ``network`` the notebook reaches no
        other machine, where the host allows to hold it to that.  A notebook that runs ``alone`` shares its process with no other, though
        a session be open.  A cell that fails, overruns or kills its process ends the run and carries the error as an output.

        Raises:
            WarmParentError: no process could be started.
        """
        if sys.platform != "linux" or cls.nb_language(nb_man.nb) != "python":
            return LocalKernelEngine.execute_managed_notebook(
                nb_man,
                kernel_name,
                execution_timeout=execution_timeout,
                working_folder=working_folder,
                **options,
            )
        timeout_s = TIMEOUT_S if execution_timeout is None else execution_timeout
        outputs = _Outputs()
        setting = _Setting(working_folder or str(Path.cwd()), memory_mb=memory_mb, network=network)
        with _begun(setting, None if alone else _SESSION.get()) as child:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                try:
                    succeeded = not _runs(cell) or _run_cell(cell, child, outputs, timeout_s=timeout_s)
                    if not succeeded:
                        nb_man.cell_exception(cell, cell_index=index)
                        break
                finally:
                    nb_man.cell_complete(cell, cell_index=index)
        nb_man.nb.metadata["language_info"] = {"name": "python"}
        return _notebook(nb_man)


class LocalKernelEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """The engine ``nianbao-kernel``: a kernel of this very Python, reached through sockets in a private directory.

    Unlike papermill's own engine it takes no port that another kernel could grab first, reads no profile or kernel
    definition of the user's, and turns an overrun or dead kernel into an error output of the cell that caused it.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,  # noqa: ARG003  papermill's; the kernel here is always the running Python's
        *,
        execution_timeout: float | None = None,
        working_folder: str | None = None,
        start_timeout: int = 60,
        **_: Any,
    ) -> NotebookNode:
        """Run the cells of ``nb_man.nb`` in place, reporting each to ``nb_man``, and return the notebook.

        ``execution_timeout`` is that of :class:`WarmForkEngine`, rounded up to whole seconds; ``working_folder`` the notebook's
        working directory, by default this process's.  A kernel is held to no other bounds.
        """
        timeout_s = TIMEOUT_S if execution_timeout is None else execution_timeout
        running: dict[str, Any] = {}
        with tempfile.TemporaryDirectory(prefix="nianbao-") as private:
            client = PapermillNotebookClient(
                nb_man,
                config=_kernel_config(private),
                kernel_name="python3",
                timeout=math.ceil(timeout_s) if timeout_s else None,
                startup_timeout=start_timeout,
                shutdown_kernel="immediate",
                record_timing=False,
                resources={"metadata": {"path": working_folder or str(Path.cwd())}},
                on_cell_execute=running.update,
                log=logging.getLogger("papermill"),
            )
            try:
                client.execute(env={**os.environ, "IPYTHONDIR": private})
            except (CellTimeoutError, DeadKernelError) as error:
                if not running:
                    raise
                late = isinstance(error, CellTimeoutError)
                running["cell"].outputs.append(_overrun(timeout_s) if late else _dead(type(error).__name__))
                nb_man.cell_exception(running["cell"], cell_index=running["cell_index"])
        return _notebook(nb_man)


@contextlib.contextmanager
def session(root: Path, *, township: str, year: int, edition: str = "internal") -> Iterator[None]:
    """While it lasts, the notebooks that this thread runs share one fork, in which the dataset is open before the first begins.

    A notebook is followed by one in a new fork unless it ended well and left neither a thread nor a process behind, and unless
    its bounds are those of the next.  Only speed depends on a session: a notebook that does not find the dataset, or finds that a file
    has changed since, opens it.
    """
    made = _Session({"root": str(root), "township": township, "year": year, "edition": edition})
    before = _SESSION.set(made)
    try:
        yield
    finally:
        _SESSION.reset(before)
        made.end()


def stop() -> None:
    """End the warm parent, and with it every child; the next notebook starts a new one."""
    _KEEPER.stop()


def warm_pid() -> int | None:
    """Return the warm parent's process, or None when there is none: the one child of this process that outlives a notebook."""
    return _KEEPER.pid


# ---- cells and their outputs ---------------------------------------------------------------------------------------


class _Outputs:
    """Collects the outputs of a notebook's cells as nbclient does from a kernel's messages."""

    def __init__(self) -> None:
        self._cell: Any = None
        self._clear_first = False
        self._shown: dict[str, list[NotebookNode]] = {}

    def begin(self, cell: NotebookNode) -> None:
        """Send what comes next to ``cell``."""
        cell.outputs = []
        self._cell, self._clear_first = cell, False

    def add(self, output: Mapping[str, Any], *, display_id: str | None = None) -> None:
        """Append an output; those shown before under the same ``display_id`` take its content too."""
        if self._clear_first:
            self._clear()
        node = _node(output)
        if display_id is not None:
            self.update(display_id, data=output["data"], metadata=output["metadata"])
            self._shown.setdefault(display_id, []).append(node)
        self._cell.outputs.append(node)

    def write(self, name: str, text: str) -> None:
        """Append text to a stream; what directly follows on the same stream is one output."""
        if self._clear_first or not self._cell.outputs or self._cell.outputs[-1].get("name") != name:
            self.add({"output_type": "stream", "name": name, "text": []})
        self._cell.outputs[-1]["text"].append(text)  # in pieces until the end: a loop may print a hundred thousand

    def end(self) -> None:
        """Finish the cell."""
        for output in self._cell.outputs:
            if output.output_type == "stream":
                output.text = "".join(output.text)

    def update(self, display_id: str, *, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Replace the content of every output shown under ``display_id``, in whichever cell it stands."""
        for node in self._shown.get(display_id, []):
            node.data, node.metadata = _node(data), _node(metadata)

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take in one event of a child."""
        kind = event["event"]
        if kind == "stream":
            self.write(event["name"], event["text"])
        elif kind == "error":
            self.add({"output_type": "error", **_fields(event, "ename", "evalue", "traceback")})
        elif kind == "result":
            self.add({"output_type": "execute_result", **_fields(event, "data", "metadata", "execution_count")})
        elif kind == "display" and event["update"]:
            self.update(event["display_id"], **_fields(event, "data", "metadata"))
        elif kind == "display":
            content = _fields(event, "data", "metadata")
            self.add({"output_type": "display_data", **content}, display_id=event["display_id"])
        elif kind == "clear" and event["wait"]:
            self._clear_first = True
        elif kind == "clear":
            self._clear()

    def _clear(self) -> None:
        self._clear_first = False
        gone = {id(node) for node in self._cell.outputs}
        for display_id, nodes in self._shown.items():
            self._shown[display_id] = [node for node in nodes if id(node) not in gone]
        self._cell.outputs = []


def _fields(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: event[name] for name in names}


def _runs(cell: NotebookNode) -> bool:
    tags = cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and "skip-execution" not in tags


def _run_cell(cell: NotebookNode, child: _Child, outputs: _Outputs, *, timeout_s: float) -> bool:
    """Run one cell in the child and return whether the notebook may go on."""
    outputs.begin(cell)
    try:
        ended = child.run(cell.source, outputs=outputs, timeout_s=timeout_s)
    except TimeoutError:
        outputs.add(_overrun(timeout_s))
        return False
    except ConnectionError:
        outputs.add(_dead("DeadKernelError"))
        return False
    finally:
        outputs.end()
    cell.execution_count = ended.execution_count
    return ended.success or "raises-exception" in cell.metadata.get("tags", [])


def _overrun(timeout_s: float) -> NotebookNode:
    return _error("CellTimeoutError", f"the cell ran longer than {timeout_s:g} s")


def _dead(name: str) -> NotebookNode:
    return _error(name, "the process that ran the notebook ended")


def _error(ename: str, evalue: str) -> NotebookNode:
    return _node({"output_type": "error", "ename": ename, "evalue": evalue, "traceback": []})


def _node(content: Mapping[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(content)
    return node


def _notebook(nb_man: Any) -> NotebookNode:
    notebook: NotebookNode = nb_man.nb
    return notebook


def _kernel_config(private: str) -> Config:
    config = Config()
    config.KernelManager.connection_file = str(Path(private) / "kernel.json")
    config.KernelManager.transport = "tcp" if sys.platform == "win32" else "ipc"
    config.KernelSpecManager.kernel_dirs = []  # leaves the kernel of the running Python
    return config


# ---- the warm parent and its children, seen from the engine --------------------------------------------------------


@dataclass(frozen=True)
class _Setting:
    """Where a notebook runs, and its bounds."""

    folder: str
    memory_mb: int | None
    network: bool


@dataclass(frozen=True)
class _Ended:
    """How a cell ended."""

    success: bool
    execution_count: int


class _Line:
    """Messages of one JSON line each over a socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._received = bytearray()
        self._searched = 0

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message.

        Raises:
            ConnectionError: nobody is at the other end.
        """
        self._end.sendall(json.dumps(message).encode("ascii") + b"\n")

    def receive(self, deadline: float | None) -> dict[str, Any]:
        """Return the next message.

        Raises:
            TimeoutError: ``deadline`` on the monotonic clock is past.
            ConnectionError: the other end is closed, or sent something that is no message.
        """
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError  # even when there is more: a cell may talk without end
        while (end := self._received.find(b"\n", self._searched)) < 0:
            self._searched = len(self._received)
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._end], [], [], wait)[0]:
                raise TimeoutError
            part = self._end.recv(1 << 18)
            if not part:
                raise ConnectionResetError("the other end is closed")
            self._received += part
        text = bytes(self._received[:end])
        del self._received[: end + 1]
        self._searched = 0
        try:
            message: dict[str, Any] = json.loads(text)
        except ValueError as error:  # an interrupt cut a message short
            raise ConnectionResetError("a message is damaged") from error
        return message

    def close(self) -> None:
        """Close this end."""
        self._end.close()


class _Child:
    """A child of the warm parent, in which one notebook runs, or several in turn."""

    def __init__(self, line: _Line, *, pid: int) -> None:
        self._line = line
        self._pid = pid
        self.clean = True
        """Whether every cell so far has ended as it should."""

    def prime(self, dataset: Mapping[str, Any]) -> None:
        """Have the child open a dataset, if it can.

        Raises:
            OSError: the child has ended, or takes longer than :data:`PRIME_S`.
        """
        self._line.send({"dataset": dataset})
        self._line.receive(time.monotonic() + PRIME_S)

    def begin(self, setting: _Setting) -> bool:
        """Begin a notebook in this process's environment; False where what the last one left forbids it.

        Raises:
            OSError: the child has ended or does not answer.
        """
        environment = {"MPLBACKEND": INLINE_BACKEND, **os.environ}
        self._line.send({"folder": setting.folder, "memory_mb": setting.memory_mb, "environment": environment})
        return bool(self._line.receive(time.monotonic() + START_S)["event"] == "begun")

    def run(self, source: str, *, outputs: _Outputs, timeout_s: float) -> _Ended:
        """Run one cell, adding what it shows to ``outputs``.

        Raises:
            TimeoutError: the cell overran and was interrupted, or killed when it did not yield.
            ConnectionError: the child ended while it ran the cell.
        """
        clean, self.clean = self.clean, False  # until it is known better
        self._line.send({"source": source})
        deadline = time.monotonic() + timeout_s if timeout_s else None
        late = False
        while True:
            try:
                event = self._line.receive(deadline)
            except TimeoutError:
                if late:
                    raise
                late, deadline = True, time.monotonic() + GRACE_S
                self._signal(signal.SIGINT)
                continue
            except ConnectionError:
                if late:
                    raise TimeoutError from None
                raise
            if event["event"] != "done":
                outputs.apply(event)
            elif late:
                raise TimeoutError
            else:
                self.clean = clean and event["success"]
                return _Ended(success=event["success"], execution_count=event["execution_count"])

    def close(self) -> None:
        """End the child and whatever its cells started, while it still waits for a next cell."""
        self._signal(signal.SIGKILL)
        self._line.close()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, number)


class _WarmParent:
    """The running warm parent."""

    def __init__(self, preload: Sequence[str]) -> None:
        self._told = False
        self._control, theirs = socket.socketpair()
        environment = {**os.environ, **SINGLE_THREAD, "MPLBACKEND": INLINE_BACKEND}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "nianbao.warm", str(theirs.fileno()), *preload],
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the engine, which then stops the child
                env=environment,
            )
        try:
            answer = _Line(self._control).receive(time.monotonic() + START_S)
        except OSError as error:
            answer = {"message": "no answer" if isinstance(error, TimeoutError) else "it ended at once"}
        if answer.get("event") != "warm":
            self.stop()
            if answer.get("event") == "refused":
                raise OSError(answer["number"], answer["message"], answer["name"])
            raise WarmParentError(f"the warm parent did not start: {answer['message']}")

    def fork(self, *, network: bool, root: str) -> _Child:
        """Return a new child, on the network or not, that finds the catalogue of the project at ``root`` read.

        Raises:
            ConnectionError: the warm parent has ended.
            WarmParentError: the child did not begin.
        """
        ours, theirs = socket.socketpair()
        line = _Line(ours)
        try:
            with theirs:
                socket.send_fds(self._control, [json.dumps({"root": root}).encode("ascii") + b"\n"], [theirs.fileno()])
            line.send({"network": network})
            answer = line.receive(time.monotonic() + START_S)
            if answer["event"] != "ready":
                raise WarmParentError(f"no process for the notebook: {answer['message']}")
            if answer["refused"] and not self._told:
                _LOG.debug("notebooks keep the network: the system refuses to take it from them (%s)", answer["refused"])
                self._told = True
        except BaseException:
            line.close()
            raise
        return _Child(line, pid=answer["pid"])

    def stop(self) -> None:
        """End the process; its children are killed with it."""
        self._control.close()
        try:
            self._process.wait(GRACE_S)  # it leaves, and tidies up, when the socket closes
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def abandon(self) -> None:
        """Let go of a parent that belongs to the process this one was forked from."""
        self._control.close()
        self._process.returncode = 0  # not ours to wait for


class _Keeper:
    """Keeps at most one warm parent for this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parent: _WarmParent | None = None

    def fork(self, *, network: bool, root: str = "") -> _Child:
        """Return a child of the warm parent, which is started when there is none or the last one has ended."""
        with self._lock:
            if self._parent is not None:
                try:
                    return self._parent.fork(network=network, root=root)
                except ConnectionError:
                    self._end_parent()
            self._parent = _WarmParent(PRELOAD)
            try:
                return self._parent.fork(network=network, root=root)
            except ConnectionError as error:
                self._end_parent()
                raise WarmParentError("the warm parent ended as soon as it had started") from error

    @property
    def pid(self) -> int | None:
        return self._parent.pid if self._parent is not None else None

    def stop(self) -> None:
        with self._lock:
            self._end_parent()

    def forget(self) -> None:
        """In a process forked from this one: the warm parent remains the original's."""
        self._lock = threading.Lock()
        _SESSION.set(None)
        if self._parent is not None:
            self._parent.abandon()
        self._parent = None

    def _end_parent(self) -> None:
        if self._parent is not None:
            self._parent.stop()
        self._parent = None


class _Session:
    """The notebooks of one report, and the child that waits for the next of them."""

    def __init__(self, dataset: Mapping[str, Any]) -> None:
        self._dataset = dataset
        self.root = str(dataset["root"])
        self._owner = os.getpid()
        self._kept: tuple[_Child, _Setting] | None = None

    def begun(self, setting: _Setting) -> _Child | None:
        """Return the waiting child, the next notebook begun in it; None where there is none that could take it."""
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        child, last = kept
        try:
            if (last.memory_mb, last.network) == (setting.memory_mb, setting.network) and child.begin(setting):
                return child
        except OSError:  # it has been ended from outside
            pass
        child.close()
        return None

    def prime(self, child: _Child) -> None:
        """Open the dataset of the session in a new child."""
        child.prime(self._dataset)

    def keep(self, child: _Child, setting: _Setting) -> None:
        """Have a child wait for the next notebook."""
        self._kept = child, setting

    def end(self) -> None:
        """End the child, unless it belongs to the process this one was forked from."""
        if self._kept is not None and self._owner == os.getpid():
            self._kept[0].close()
        self._kept = None


@contextlib.contextmanager
def _begun(setting: _Setting, session: _Session | None) -> Iterator[_Child]:
    """Give a child in which the notebook has begun, and afterwards end it, or keep it for the session's next notebook."""
    child = session.begun(setting) if session is not None else None
    if child is None:
        child = _new_child(setting, session)
    try:
        yield child
    except BaseException:
        child.close()
        raise
    if session is not None and child.clean:
        session.keep(child, setting)
    else:
        child.close()


def _new_child(setting: _Setting, session: _Session | None) -> _Child:
    child = _KEEPER.fork(network=setting.network, root=session.root if session is not None else "")
    try:
        if session is not None:
            try:
                session.prime(child)
            except OSError:  # opening the dataset takes its process with it: that is for a chapter to tell
                child.close()
                child = _KEEPER.fork(network=setting.network)
        if not child.begin(setting):
            raise WarmParentError("no process for the notebook: a new one could not begin it")
    except BaseException as error:
        child.close()
        if isinstance(error, OSError):
            raise WarmParentError("the process for the notebook ended as soon as it had started") from error
        raise
    return child


_SESSION: ContextVar[_Session | None] = ContextVar("nianbao_session", default=None)
_KEEPER = _Keeper()
atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_KEEPER.forget)
