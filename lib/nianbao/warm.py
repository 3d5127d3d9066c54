"""The warm parent: a process that has imported everything a chapter needs and forks the children that run notebooks.

``nianbao.engine`` starts it as ``python -P -m nianbao.warm FD MODULE…``; FD is a Unix socket.  The parent never runs a
notebook itself, never starts a thread (a fork copies only the forking thread, so a lock held by another would stay held
for ever in the child) and leaves when the engine closes the socket.

Every message is one line of JSON.  On FD the parent first writes ``{"event": "warm"}`` or ``{"event": "failed",
"message": …}``; after that each message the engine sends is ``{"root": str}``, the project whose catalogue the children shall find read
(``""`` for none), and carries one end of a socket, on which a fresh child serves one notebook after another:

engine → child   ``{"network": bool}`` once; then ``{"dataset": {"root": str, "township": str, "year": int, "edition": str}}`` to open a
                 dataset that its notebooks will find open, ``{"folder": str, "environment": {…}, "memory_mb": int | null}`` to begin
                 a notebook, ``{"source": str}`` for each cell
child → engine   ``ready`` (pid, refused: why it is not off the network) once; ``primed`` or ``failed`` (message); ``begun``, or
                 ``spent`` where the last notebook left what the next must not find, upon which it ends; while a cell runs
                 ``stream`` (name, text), ``result`` (data, metadata, execution_count), ``display`` (data, metadata, display_id,
                 update), ``clear`` (wait), ``error`` (ename, evalue, traceback); when it ends ``done`` (success, execution_count)

The bound on memory begins with the child's first notebook: what opening the dataset takes is not the notebook's.

A process that a notebook started and that left its group comes back to the parent when the notebook ends, and is ended there.

What C code writes on the real file descriptors 1 and 2 goes to the engine's standard error.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import ctypes
import datetime
import gc
import getpass
import importlib
import io
import json
import numbers
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from nianbao import kinship
from nianbao.beginning import Beginning, children
from nianbao.callstack import with_room
from nianbao.limits import Memory, leave_network

PR_SET_PDEATHSIG = 1
"""prctl option of Linux: the signal a process gets when its parent ends."""
_MOST_MESSAGE = 1 << 16
"""Bytes of a message of the engine that are read at once."""


class _Channel:
    """The child's end of the line to the engine; silent in any process a cell forks off the child."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._owner = os.getpid()
        self._lock = threading.RLock()

    @property
    def mine(self) -> bool:
        return os.getpid() == self._owner

    def send(self, event: str, **fields: Any) -> None:
        if not self.mine:
            return
        message = json.dumps({"event": event, **fields}, default=_json_value).encode("ascii") + b"\n"
        with self._lock:
            self._line.sendall(message)


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a notebook; sends whole lines, and what is left when flushed."""

    encoding = "utf-8"

    def __init__(self, channel: _Channel, name: str) -> None:
        self._channel = channel
        self._name = name
        self._pending = ""

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._pending += text
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._pending = self._pending, ""
        if text:
            self._channel.send("stream", name=self._name, text=text)


class _Hook(DisplayHook):
    """Sends the value of a cell's last expression."""

    shell: _ZMQStyleShell

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Mapping[str, Any], md_dict: Mapping[str, Any] | None = None) -> None:
        self.shell.tell(
            "result",
            data=dict(format_dict),
            metadata=dict(md_dict or {}),
            execution_count=self.prompt_count,
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Publisher(DisplayPublisher):
    """Sends what ``display`` publishes."""

    shell: _ZMQStyleShell

    def publish(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        source: object = None,  # noqa: ARG002  IPython's, unused there too
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        display_id = (transient or {}).get("display_id")
        self.shell.tell("display", data=dict(data), metadata=dict(metadata or {}), display_id=display_id, update=update)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.tell("clear", wait=wait)


class _Compiler(CachingCompiler):
    """Names cells as a kernel does; the form of the name decides how tracebacks show a cell's lines."""

    def get_code_name(self, raw_code: str, *_: object) -> str:
        name = f"{zlib.crc32(raw_code.encode('utf-8', 'backslashreplace'))}.py"
        return str(Path(tempfile.gettempdir()) / f"ipykernel_{os.getpid()}" / name)


class _ZMQStyleShell(InteractiveShell):
    """An IPython shell that behaves like a kernel's, with every output told to the engine.

    Libraries tell a kernel from a terminal by "zmq" in the name of the shell's class and by its attribute ``kernel``; pandas
    decides by them how many columns of a table it shows.
    """

    kernel: None = None
    compiler_class = Type(_Compiler)
    channel: _Channel | None = None
    memory = Memory(None)
    display_failed = False

    def tell(self, event: str, **fields: Any) -> None:
        """Send an event after whatever was printed before it."""
        sys.stdout.flush()
        sys.stderr.flush()
        if self.channel is not None:
            self.channel.send(event, **fields)

    def run(self, source: str) -> None:
        """Run one cell and tell how it ended."""
        self.display_failed = False
        self.memory.hold()
        count = self.execution_count
        try:
            result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        except Exception as error:  # the shell's own, whose work on the cell's error found no memory either
            self.memory.relieve()
            # IPython names no result at all where it found no memory to make one.
            if not (_for_want_of_memory(error) or isinstance(error, UnboundLocalError)):
                raise
            self._showtraceback(MemoryError, MemoryError(), [])
            self.tell("done", success=False, execution_count=count)
            return
        success = bool(result.success) and not self.display_failed
        self.tell("done", success=success, execution_count=self.execution_count - 1)

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def ask_exit(self) -> None:
        raise SystemExit(0)

    def showtraceback(self, *args: Any, **options: Any) -> None:
        self.memory.relieve()
        super().showtraceback(*args, **options)

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        # A kernel counts an error while a result is being displayed as a failure of the cell.
        self.display_failed = self.display_failed or self.displayhook.is_active
        self._last_traceback = stb
        said, lines = str(evalue), list(stb)
        if issubclass(etype, MemoryError) and (bound := self.memory.told()):
            said, lines = f"{said}; {bound}" if said else bound, [*lines, bound]
        self.tell("error", ename=etype.__name__, evalue=said, traceback=lines)


def _for_want_of_memory(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, MemoryError):
        error = error.__context__
    return error is not None


def main(arguments: Sequence[str]) -> int:
    """Warm up with the modules named in ``arguments[1:]`` and serve the socket ``arguments[0]`` until it is closed."""
    control = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kinship.adopt_orphans()  # what a notebook started and left is found here when this process leaves
    engine = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: _leave_with(engine))
    kinship.told_of_parents_end(signal.SIGTERM)
    # An IPython directory of its own: neither the user's settings nor a read-only home matters.
    with tempfile.TemporaryDirectory(prefix="nianbao-") as private:
        signal.signal(signal.SIGTERM, lambda *_: _leave_with(engine, private))
        try:
            shell = _shell(private)
            with shell.builtin_trap:  # gives the modules get_ipython(), as they would find it in a notebook
                _preload(arguments[1:])
        except Exception as error:
            if (
                isinstance(error, OSError) and error.errno is not None
            ):  # a full disk is told in a sentence, a defect as what it is
                _answer(
                    control,
                    event="refused",
                    number=error.errno,
                    message=error.strerror or "",
                    name=str(error.filename or private),
                )
            else:
                traceback.print_exc()
                _answer(control, event="failed", message=f"{type(error).__name__}: {error}")
            return 1
        gc.collect()
        gc.freeze()  # the children share the pages of all this; no collection should touch, and so copy, them
        _answer(control, event="warm")
        with_room(lambda: _serve(control, shell))
    kinship.end_below(os.getpid())
    return 0


def _leave_with(engine: int, private: str = "") -> None:
    """Leave, and end every notebook, when the engine's process has ended; where only the thread that started this one did, stay.

    A worker that has done its share ends so, and the private folder must not outlast it.
    """
    if os.getppid() != engine:
        kinship.end_below(os.getpid())
        if private:
            shutil.rmtree(private, ignore_errors=True)
        os._exit(0)


def _shell(ipython_dir: str) -> _ZMQStyleShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "neutral"  # a kernel's
    shell = _ZMQStyleShell.instance(
        config=config, ipython_dir=ipython_dir, displayhook_class=_Hook, display_pub_class=_Publisher
    )
    # A kernel shows the pager's pages beside the notebook, so they are no output.
    discard = page.as_hook(lambda *_args, **_kwargs: None)  # type: ignore[no-untyped-call]
    shell.set_hook("show_in_pager", discard, 99)  # type: ignore[no-untyped-call]
    return shell


def _preload(modules: Iterable[str]) -> None:
    for module in modules:
        importlib.import_module(module)
        _assert_single_thread(f"importing {module}")


def _assert_single_thread(deed: str) -> None:
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    if threads != 1:
        raise RuntimeError(f"after {deed} the warm parent has {threads} threads; only one can be forked safely")


def _serve(control: socket.socket, shell: _ZMQStyleShell) -> None:
    parent = os.getpid()
    notebooks = _Notebooks()
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, _MOST_MESSAGE, 1)
        while message and not message.endswith(b"\n") and (more := control.recv(_MOST_MESSAGE)):
            message += more
        if not message.endswith(b"\n"):
            notebooks.end()
            return
        line = socket.socket(fileno=descriptors[0])
        with notebooks.unwatched():
            _read_ahead(json.loads(message)["root"])
            try:
                _assert_single_thread("serving a notebook")
                child = os.fork()
            except (OSError, RuntimeError) as error:
                _answer(line, event="failed", message=f"{type(error).__name__}: {error}")
                line.close()
                continue
            if child == 0:
                control.close()
                _serve_notebooks(line, shell=shell, parent=parent)
            notebooks.begin(child)
        line.close()


def _read_ahead(root: str) -> None:
    """Have the catalogue of a project in memory, as it is now, for every child to come; a fault in it is a chapter's to tell."""
    if not root:
        return
    from nianbao.catalogue import load_catalogue

    with contextlib.suppress(Exception):
        load_catalogue(Path(root))
    gc.freeze()


class _Notebooks:
    """The children that run notebooks; it waits for those that ended and ends what they left behind."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        signal.signal(signal.SIGCHLD, self._reap)

    def begin(self, child: int) -> None:
        self._running.add(child)

    @contextlib.contextmanager
    def unwatched(self) -> Iterator[None]:
        """While the parent waits for children of its own, or has not yet entered the one it forked."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            yield
        finally:
            signal.signal(signal.SIGCHLD, self._reap)
            self._reap()

    def end(self) -> None:
        """End every notebook and what it started."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for child in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        self._running.clear()
        with contextlib.suppress(ChildProcessError):
            while strays := children():
                _kill(strays)
                os.waitpid(-1, 0)

    def _reap(self, *_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._running.discard(ended)
            if not self._running:  # whose it is cannot be told, so a stray lives as long as any notebook
                _kill(children())


def _kill(processes: Iterable[int]) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _serve_notebooks(line: socket.socket, *, shell: _ZMQStyleShell, parent: int) -> NoReturn:
    """Run the cells of one notebook after another in the forked child, which never returns to the parent's loop."""
    try:
        os.setpgid(0, 0)
        requests = line.makefile("rb")
        channel = _Channel(line)
        refused = "" if json.loads(requests.readline())["network"] else leave_network()
        # After the line above, for a process that becomes another user in the system's eyes loses this bond to its parent.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before the line above could bind the child to it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        channel.send("ready", pid=os.getpid(), refused=refused)
        beginning: Beginning | None = None
        for request in requests:
            asked = json.loads(request)
            if "dataset" in asked:
                _prime(channel, **asked["dataset"])
            elif "source" not in asked:
                if beginning is not None and beginning.spent():
                    channel.send("spent")
                    break
                beginning = _begin(asked, beginning, shell=shell, channel=channel)
                channel.send("begun")
            else:
                # Ctrl-C is how the engine ends an overlong cell; between cells it would only kill the child.
                signal.signal(signal.SIGINT, signal.default_int_handler)
                shell.run(asked["source"])
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                if not channel.mine:
                    break  # a process that a cell forked and that came back here
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(0)


def _begin(setting: Mapping[str, Any], beginning: Beginning | None, *, shell: _ZMQStyleShell, channel: _Channel) -> Beginning:
    """Make everything as a notebook should find it, and return what it was before the first."""
    if beginning is None:
        shell.channel, shell.memory = channel, Memory(setting["memory_mb"])
        sys.stdout, sys.stderr = _Stream(channel, "stdout"), _Stream(channel, "stderr")
        beginning = Beginning(shell)
        _settle(setting)
        shell.user_ns["_dh"][:] = [Path.cwd()]
    else:
        beginning.restore()
        _settle(setting)
        beginning.empty()
    return beginning


def _prime(channel: _Channel, *, root: str, township: str, year: int, edition: str) -> None:
    """Open a dataset, results and findings worked out; a fault is the chapters' to tell."""
    from nianbao.dataset import open_dataset

    try:
        data = open_dataset(Path(root), township=township, year=year)
        _ = data.results, data.findings
        if edition == "public":
            _ = data.public.results, data.public.findings
    except Exception as error:
        channel.send("failed", message=f"{type(error).__name__}: {error}")
        return
    gc.freeze()  # it lives as long as the child, so no collection need look at it
    channel.send("primed")


def _settle(setting: Mapping[str, Any]) -> None:
    """Give the child the folder and environment of the engine's process, as a kernel started there would have."""
    os.chdir(setting["folder"])
    os.environ.clear()
    os.environ.update(setting["environment"])
    time.tzset()
    # A kernel looks for modules in its folder after the standard library, so that no file there can stand in for it.
    installed = (place for place, entry in enumerate(sys.path) if entry.endswith(("site-packages", "dist-packages")))
    sys.path.insert(next(installed, 0), "")
    sys.argv = [""]
    builtins.input = _refuse("raw_input")
    getpass.getpass = _refuse("getpass")


def _refuse(function: str) -> Any:
    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise StdinNotImplementedError(f"{function} was called, but this frontend does not support input requests.")

    return refuse


def _json_value(value: object) -> object:
    """Return what a kernel would send for a value that JSON does not know."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _answer(line: socket.socket, **message: str | int) -> None:
    line.sendall(json.dumps(message).encode("ascii") + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
