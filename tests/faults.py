"""A county of tiny towns, some of which go wrong, each in its own way: what every fault is, and what must be told of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from built import hashes
from county import TOWNSHIPS, Project, build_project

CHAPTER = "blood_donation"
"""The one chapter of every town; the shortest."""
YEAR = 2020
_MARK = "NIANBAO_CAMPAIGN"
"""Environment variable by which whatever a campaign started is found again, wherever it went."""
_DISPATCH = "exec(compile(open(f'faults/{township}.py').read(), 'fault', 'exec'))"


@dataclass(frozen=True)
class Fault:
    """One way to go wrong: what the town's notebook runs, or what is done to its files; the state that must be told, and words of why."""

    name: str
    state: str
    said: str = ""
    code: str = ""
    spoil: Callable[[Project, str], None] | None = None


def _write(content: bytes) -> Callable[[Project, str], None]:
    return lambda project, town: project.path(town=town).write_bytes(content) and None


def _truncate(project: Project, town: str) -> None:
    path = project.path(town=town)
    path.write_bytes(path.read_bytes()[:2000])


def _remove(project: Project, town: str) -> None:
    project.path(town=town).unlink()


def _loop(project: Project, town: str) -> None:
    path = project.path(town=town)
    path.unlink()
    path.symlink_to(path.name)  # cannot be read, by anyone


def _params(project: Project, town: str) -> None:
    path = project.root / "params" / "townships" / f"{town}.yml"
    path.write_text(path.read_text("utf-8") + "villages_of_old: 3\n", encoding="utf-8")


_EAT = "import time\nheld = [bytearray(b'x') * 50_000_000 for _ in range(70)]\ntime.sleep(3000)"
_TO_THE_WORKER = "import os, psutil, time\n{who}.kill()\ntime.sleep(3000)"

FAULTS: tuple[Fault, ...] = (
    Fault("exception", "failed", "RuntimeError", "raise RuntimeError('x')"),
    Fault("syntax error", "failed", "SyntaxError", "def :"),
    Fault("hang", "failed", "took longer than", "while True: pass"),
    Fault(
        "hang that ignores interrupts",
        "failed",
        "took longer than",
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)",
    ),
    Fault("memory", "failed", "memory", _EAT),
    Fault("segfault", "failed", "DeadKernelError", "import ctypes\nctypes.string_at(0)"),
    Fault("os._exit(0)", "failed", "DeadKernelError", "import os\nos._exit(0)"),
    Fault("os._exit(1)", "failed", "DeadKernelError", "import os\nos._exit(1)"),
    Fault("sys.exit(0)", "failed", "SystemExit", "import sys\nsys.exit(0)"),
    Fault("kills its process", "failed", "DeadKernelError", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    Fault("kills the warm parent", "failed", "DeadKernelError", _TO_THE_WORKER.format(who="psutil.Process().parent()")),
    Fault("kills the worker", "failed", "ended unexpectedly", _TO_THE_WORKER.format(who="psutil.Process().parent().parent()")),
    Fault("closes its files", "failed", "DeadKernelError", "import os\nos.closerange(3, 1000)"),
    Fault("endless recursion", "failed", "RecursionError", "def f(): return f()\nf()"),
    Fault("infinite output", "failed", "took longer than", "while True: print('x' * 100)"),
    Fault("missing close", "failed", "did not close the chapter", "chapter.close = lambda: None"),
    Fault(
        "wrong chapter",
        "failed",
        "opens the chapter",
        "chapter = Chapter.open('elderly', township=township, year=year, lang=lang, edition=edition)",
    ),
    Fault("children left", "built", code="import subprocess\nfor _ in range(20): subprocess.Popen(['sleep', '3000'])"),
    Fault(
        "detached child left",
        "built",
        code="import subprocess\nsubprocess.Popen('sleep 3000 & sleep 3000', shell=True, start_new_session=True)",
    ),
    Fault("fork left", "built", code="import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(3000)"),
    Fault("thread left", "built", code="import threading, time\nthreading.Thread(target=time.sleep, args=(3000,)).start()"),
    Fault("output flood", "built", code="for n in range(20000): print(n, 'x' * 50)"),
    Fault("chdir", "built", code="import os\nos.chdir('/')"),
    Fault(
        "clears its folder", "built", code=f"import shutil\nshutil.rmtree(f'outputs/{YEAR}/' + township, ignore_errors=True)"
    ),
    Fault("corrupt workbook", "refused", f"{YEAR}.xlsx", spoil=_write(b"PK\x03\x04" + bytes(range(256)) * 40)),
    Fault("empty workbook", "refused", f"{YEAR}.xlsx", spoil=_write(b"")),
    Fault("truncated workbook", "refused", f"{YEAR}.xlsx", spoil=_truncate),
    Fault("missing return", "refused", f"{YEAR}", spoil=_remove),
    Fault("return that cannot be opened", "refused", f"{YEAR}.xlsx", spoil=_loop),
    Fault("params fault", "refused", "villages_of_old", spoil=_params),
)
"""Every kind of fault; those that end well are faults that must not matter, in the report of their town or of any other."""


@dataclass(frozen=True)
class County:
    """A project of tiny towns, and the fault of each that has one."""

    project: Project
    towns: tuple[str, ...]
    faults: Mapping[str, Fault]

    @property
    def healthy(self) -> list[str]:
        """The towns whose report must be what it is without any fault."""
        return [town for town in self.towns if town not in self.faults]

    def folder(self, town: str) -> Path:
        """Where a town's report lies."""
        return self.project.root / "outputs" / str(YEAR) / town

    def hashes(self, towns: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the content hash of every file of the towns' reports."""
        return {town: hashes(self.folder(town)) for town in towns}


def county(folder: Path, *, healthy: int, faults: Sequence[Fault] = (), times: int = 1) -> County:
    """Return a county in ``folder``: ``healthy`` towns, and each fault ``times``, spread among them."""
    project = build_project(folder)
    (folder / "faults").mkdir()
    _carry_faults(folder / "notebooks" / f"{CHAPTER}.ipynb")
    given = [fault for fault in faults for _ in range(times)]
    count = healthy + len(given)
    places = [number * count // len(given) for number in range(len(given))] if given else []
    of_place = dict(zip(places, given, strict=True))
    pattern = project.write(town="qingxi")
    towns, wrong = [], {}
    for number in range(count):
        town = f"town{number:03d}"
        towns.append(town)
        params = TOWNSHIPS["qingxi"].replace(
            f"  {YEAR}:\n", f"  {YEAR}:\n    report: {{chapters: [{CHAPTER}], shell: summary}}\n"
        )
        (folder / "params" / "townships" / f"{town}.yml").write_text(params, encoding="utf-8")
        project.path(town=town).parent.mkdir(parents=True)
        shutil.copy(pattern, project.path(town=town))
        fault = of_place.get(number)
        (folder / "faults" / f"{town}.py").write_text(fault.code if fault else "", encoding="utf-8")
        if fault is not None:
            wrong[town] = fault
            if fault.spoil is not None:
                fault.spoil(project, town)
    pattern.unlink()
    return County(project, tuple(towns), wrong)


def _carry_faults(path: Path) -> None:
    """Have the notebook run the fault of its town once the chapter is open."""
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[2]["source"] = [f"{_DISPATCH}\n", *code[2]["source"]]
    path.write_text(json.dumps(notebook), encoding="utf-8")


# ---- running it -----------------------------------------------------------------------------------------------------


@dataclass
class Command:
    """A command that runs in a process of its own, and whatever it starts."""

    process: subprocess.Popen[bytes]
    mark: str
    log: Path

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text("utf-8", errors="replace")

    def wait(self, seconds: float) -> int:
        """Return its exit code once it has ended."""
        return self.process.wait(seconds)

    def left(self, *, within: float = 10.0) -> list[str]:
        """Return the command lines of what it started and left running, once there is none or the time is over."""
        deadline = time.monotonic() + within
        while (found := self._marked()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _marked(self) -> list[str]:
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE
                if marked and process.pid != os.getpid():
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def end(self) -> None:
        """Kill it and all that carries its mark."""
        for process in psutil.process_iter():
            try:
                if process.environ().get(_MARK) == self.mark and process.pid != os.getpid():
                    process.kill()
            except psutil.Error:
                continue


_AS_A_USER = """
import resource, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
if (most := int(sys.argv.pop(1))):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
from nianbao.cli import main
main()
"""


def command(*arguments: str, most_bytes: int = 0) -> list[str]:
    """Return the words that run ``nianbao`` as from a terminal; ``most_bytes`` is how large a file may become, 0 for any size."""
    return [sys.executable, "-c", _AS_A_USER, str(most_bytes), *arguments]


def begun(root: Path, *arguments: str) -> Command:
    """Start ``nianbao`` in a project; standard output and error go to one log."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    log = root / f"said-{mark}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command(*arguments), cwd=root, env={**os.environ, _MARK: mark}, stdout=stream, stderr=subprocess.STDOUT
        )
    return Command(process, mark, log)


def events(said: str) -> list[dict[str, object]]:
    """Return the JSON lines among what a run with ``--progress json`` printed."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def ended(said: str) -> dict[str, dict[str, object]]:
    """Return the last word of each township: its state and why."""
    return {str(event["township"]): event for event in events(said) if event["event"] == "ended"}
