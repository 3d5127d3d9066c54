"""Reading a file somebody sent: gate first, then both readers in a child process of limited memory and time.

A file that kills, blocks or inflates its reader costs that child and becomes one sentence; the caller and its other files go on.
The child is a fork where the system has one (it only parses, holds no lock and leaves without clean-up), else a fresh interpreter.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import hashlib
import marshal
import os
import select
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from nianbao.errors import GateError
from nianbao.files.draft import Draft, book_of, packed
from nianbao.files.gate import Admitted, admit
from nianbao.files.grid import Book
from nianbao.files.refusals import refusal

MEMORY = 500_000_000
"""Bytes the child may take beyond what it inherits."""
_SECONDS = 1.9
_SECONDS_PER_MB = 0.5
_MOST_SECONDS = 20.0
"""Time allowed: an honest file takes 0.06 s a MB of unpacked XML on a desktop machine, an eighth of this."""
_MOST_ANSWER = 300_000_000
_DONE, _REFUSED, _NO_MEMORY, _FAILED = "done", "refused", "memory", "failed"


def read_book(path: Path, where: str = "") -> Book:
    """Return the spreadsheet at ``path``, whatever its kind; ``where`` names it in messages.

    Raises:
        GateError: it is missing, is no spreadsheet, must not be opened, or cannot be read within the limits.
    """
    where = where or path.name
    admitted = admit(path, where)
    seconds = _allowed(admitted)
    _load_readers()
    forks = hasattr(os, "fork")
    answer = _forked(lambda: answer_to(admitted), seconds, where) if forks else _fresh(path, seconds, where)
    return _book(answer, hashlib.sha256(admitted.content).hexdigest(), where)


def answer_to(admitted: Admitted) -> bytes:
    """Return what the child tells: the book, or why there is none, as bytes of plain values; never raises."""
    try:
        return marshal.dumps((_DONE, _read(admitted)))
    except GateError as error:
        place = error.finding.cells[0]
        return marshal.dumps((_REFUSED, (error.code, place.sheet, place.cell, dict(error.finding.figures))))
    except MemoryError:
        return marshal.dumps((_NO_MEMORY, ""))
    except RecursionError:
        return marshal.dumps((_REFUSED, ("too-deep", "", "", {"part": "workbook"})))
    except Exception as error:  # whatever a parser throws at a broken file, the sender can only save it anew
        return marshal.dumps((_FAILED, type(error).__name__))


def _load_readers() -> None:
    """Import the readers before the fork: a child must not wait for an import lock nor pay for it."""
    import nianbao.files.crosscheck
    import nianbao.files.ooxml
    import nianbao.files.opendoc
    import nianbao.files.plaintext
    import nianbao.files.workbook97  # noqa: F401


def _read(admitted: Admitted) -> bytes:
    from nianbao.files.crosscheck import compare
    from nianbao.files.ooxml import read_package
    from nianbao.files.opendoc import read_opendocument
    from nianbao.files.plaintext import read_text
    from nianbao.files.workbook97 import read_workbook97

    readers = {"xlsx": read_package, "xlsm": read_package, "xls": read_workbook97, "ods": read_opendocument, "csv": read_text}
    draft = readers[admitted.kind](admitted)
    draft.notices[:0] = [(code, "", "", dict(figures)) for code, figures in admitted.notices]
    if admitted.kind == "xls" and hasattr(os, "fork"):
        _compare_apart(admitted, draft, compare)
    elif admitted.kind != "csv":
        compare(admitted.content, draft)
    return packed(draft)


def _compare_apart(admitted: Admitted, draft: Draft, compare: Callable[[bytes, Draft], None]) -> None:
    """Compare in a process of its own: damaged old workbooks make the second engine end its process, and one reading stands."""

    def compared() -> bytes:
        before = len(draft.notices)
        compare(admitted.content, draft)
        return marshal.dumps(draft.notices[before:])

    try:
        for code, sheet, cell, figures in marshal.loads(_forked(compared, _allowed(admitted) * 0.7, "")):
            draft.tell(code, sheet, cell, **figures)
    except GateError as error:
        draft.tell("second-engine-failed", reason=error.code)


def _allowed(admitted: Admitted) -> float:
    """Return the seconds that reading a file may take."""
    return min(_SECONDS + _SECONDS_PER_MB * admitted.work / 1e6, _MOST_SECONDS)


def _book(answer: bytes, sha256: str, where: str) -> Book:
    outcome, told = marshal.loads(answer)
    if outcome == _DONE:
        return book_of(told, sha256)
    if outcome == _REFUSED:
        code, sheet, cell, figures = told
        raise refusal(code, where, sheet=sheet, cell=cell, **figures)
    if outcome == _NO_MEMORY:
        raise refusal("out-of-memory", where, limit=str(MEMORY // 1_000_000))
    raise refusal("damaged", where, part=told)


# ---- the child ------------------------------------------------------------------------------------------------------


def _forked(work: Callable[[], bytes], seconds: float, where: str) -> bytes:
    """Return the answer of ``work`` done in a forked child, or raise what became of it."""
    reading, writing = os.pipe()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of other threads; this child takes no lock
            child = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise refusal("reader-died", where, reason=error.strerror or "fork") from error
    if child == 0:
        _serve(work, reading, writing, seconds)
    os.close(writing)
    ended = False
    try:
        answer = _collected(reading, seconds)
        status = _ended(child) if answer is not None else 0
        ended = answer is not None
    finally:
        os.close(reading)
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            _ended(child)
    if answer is None or os.waitstatus_to_exitcode(status) in (-signal.SIGXCPU, -signal.SIGALRM):
        raise refusal("too-slow", where, seconds=f"{seconds:.1f}")
    return _checked(answer, os.waitstatus_to_exitcode(status), where)


def _ended(child: int) -> int:
    """Wait for a child that has ended or must; return its status, 0 where the caller's program lets the system forget children."""
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:
        return 0


def _checked(answer: bytes, code: int, where: str) -> bytes:
    if code == 0 and answer:
        return answer
    if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, _EXIT_NO_MEMORY):  # how allocators end that get no memory
        raise refusal("out-of-memory", where, limit=str(MEMORY // 1_000_000))
    reason = f"signal {-code}" if code < 0 else f"exit {code}"
    raise refusal("reader-died", where, reason=reason)


_EXIT_NO_MEMORY = 77


def _collected(reading: int, seconds: float) -> bytes | None:
    """Return all a child writes until it closes its end; None when time runs out or it never stops."""
    deadline = time.monotonic() + seconds
    chunks: list[bytes] = []
    size = 0
    poll = select.poll()
    poll.register(reading, select.POLLIN | select.POLLHUP)
    while (left := deadline - time.monotonic()) > 0 and size <= _MOST_ANSWER:
        if not poll.poll(left * 1000):
            return None
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
    return None


def _serve(work: Callable[[], bytes], reading: int, writing: int, seconds: float) -> NoReturn:
    """Do the work in the child and leave at once, whatever happens: nothing of the parent's is flushed, closed or run."""
    code = 1
    try:
        os.close(reading)
        gc.disable()
        faulthandler.disable()
        for name in ("SIGINT", "SIGTERM", "SIGALRM", "SIGXCPU"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)  # ends the child when the parent is gone
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        _limit(seconds)
        answer = memoryview(work())
        while answer:
            answer = answer[os.write(writing, answer) :]
        code = 0
    except MemoryError:
        code = _EXIT_NO_MEMORY
    finally:
        os._exit(code)


def _limit(seconds: float) -> None:
    """Bound this process: memory beyond what it has, processor time, and no file may be written."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    whole = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    with contextlib.suppress(OSError, ValueError):  # only Linux tells and enforces the size of the address space
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


# ---- where there is no fork -----------------------------------------------------------------------------------------


def _fresh(path: Path, seconds: float, where: str) -> bytes:
    """Return the answer of a fresh interpreter that reads the file; it may take two seconds more to start."""
    command = [sys.executable, "-P", "-m", "nianbao.files.confined", str(path.absolute())]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + 2, check=False)
    except subprocess.TimeoutExpired as error:
        raise refusal("too-slow", where, seconds=f"{seconds:.1f}") from error
    return _checked(done.stdout, done.returncode, where)


def main(arguments: list[str]) -> None:
    """Answer for the file named on the command line, on standard output."""
    _load_readers()
    output: Any = sys.stdout.buffer
    try:
        admitted = admit(Path(arguments[0]))
    except GateError as error:
        output.write(marshal.dumps((_REFUSED, (error.code, "", "", dict(error.finding.figures)))))
        return
    with contextlib.suppress(ImportError):
        import resource  # noqa: F401

        _limit(_MOST_SECONDS)
    output.write(answer_to(admitted))


if __name__ == "__main__":
    main(sys.argv[1:])
