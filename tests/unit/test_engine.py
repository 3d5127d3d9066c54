"""The warm-fork engine: isolation, time limits, deaths, and a warm parent that fails, dies or is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import papermill
import pytest

from nianbao import engine

if TYPE_CHECKING:  # other processes import this module without the folder of the county
    from county import Project

TOWN, YEAR = "qingxi", 2020
"""The place and year of the project's returns."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the warm parent needs Linux; elsewhere kernels run")


@pytest.fixture(autouse=True, scope="module")
def _small_warm_parent() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        engine.stop()
        patch.setattr(engine, "PRELOAD", ("IPython.display",))
        patch.setattr(engine, "GRACE_S", 0.5)
        yield
        engine.stop()


def run(*sources: str, folder: Path | None = None, timeout_s: float | None = 30, **options: Any) -> list[Any]:
    """Run cells through papermill's engine interface and return them."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = nbformat.from_dict({"papermill": {}, "language_info": {"name": "python"}})
    ended = engine.WarmForkEngine.execute_notebook(
        made,
        "python3",
        progress_bar=False,
        execution_timeout=timeout_s,
        working_folder=str(folder) if folder else None,
        **options,
    )
    return list(ended.cells)


def text(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def error(cell: Any) -> str:
    return str(cell.outputs[-1].ename)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60  # long enough for a machine busy with other tests
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def warm_pid() -> int:
    return int(text(run("import os; print(os.getppid())")[0]))


def test_papermill_finds_the_engine_whichever_is_imported_first() -> None:
    for first in ("nianbao.engine", "papermill", "nianbao.notebook"):
        program = (
            f"import {first}, papermill.engines as p, nianbao.engine as e\n"
            "assert p.papermill_engines.get_engine('nianbao') is e.WarmForkEngine"
        )
        subprocess.run([sys.executable, "-c", program], check=True)


def test_papermill_runs_it_by_name(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getcwd())")])
    made.metadata = nbformat.from_dict({"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}})
    ended = papermill.execute_notebook(made, None, engine_name="nianbao", cwd=str(tmp_path), progress_bar=False)
    assert text(ended.cells[0]) == f"{tmp_path}\n"
    assert ended.cells[0].metadata.papermill.status == "completed"


def test_a_notebook_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    run("import builtins, os, sys; builtins.leak = 1; os.environ['LEAK'] = '1'; sys.leak = x = 1", folder=tmp_path)
    left = run("import builtins, os, sys\nprint(hasattr(builtins, 'leak'), 'LEAK' in os.environ, hasattr(sys, 'leak'))")
    assert text(left[0]) == "False False False\n"
    assert error(run("x")[0]) == "NameError"


def test_the_child_sees_the_environment_of_now_and_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beside.py").write_text("word = 'found'")
    monkeypatch.setenv("NIANBAO_TEST", "here")
    source = "import os, beside; print(os.environ['NIANBAO_TEST'], os.getcwd(), beside.word, os.getpid() == os.getpgrp())"
    assert text(run(source, folder=tmp_path)[0]) == f"here {tmp_path} found True\n"


def test_the_child_holds_no_file_of_the_others() -> None:
    source = "import os; print(sum(os.readlink(f'/proc/self/fd/{n}').startswith('socket') for n in os.listdir('/proc/self/fd')"
    source += " if os.path.exists(f'/proc/self/fd/{n}')))"
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(run, "import time; time.sleep(1)")
        assert text(pool.submit(run, source).result()[0]) == "1\n"
        assert slow.result()[0].outputs == []


def test_notebooks_run_at_once_from_several_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        ended = pool.map(lambda n: run(f"x = {n}", "import time; time.sleep(0.2)", "print(x)"), range(8))
        assert [text(cells[2]) for cells in ended] == [f"{n}\n" for n in range(8)]


def test_a_large_output_arrives_whole() -> None:
    (cell,) = run("print('x' * 9_000_000); print('乡')")
    assert len(text(cell)) == 9_000_003
    assert text(cell).endswith("乡\n")


def test_output_of_c_code_and_of_processes_does_not_disturb_the_line(capfd: Any) -> None:
    engine.stop()  # so that the next warm parent writes to the captured standard error
    cells = run(
        "import os, subprocess, sys\nos.write(1, b'raw out'); os.write(2, b'raw err'); print('print')",
        "subprocess.run(['echo', 'child']); print('two', file=sys.__stdout__, flush=True)",
        "if os.fork() == 0:\n    print('forked'); os._exit(0)\nos.wait(); print('after')",
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as p: print(p.map(abs, [-1]))",
    )
    assert [text(cell) for cell in cells] == ["print\n", "", "after\n", "[1]\n"]
    out, err = capfd.readouterr()
    assert out == ""
    for word in ("raw out", "raw err", "child", "two"):
        assert word in err


def test_a_process_that_falls_out_of_its_cell_ends() -> None:
    cells = run("import os; parent = os.getpid(); pid = os.fork()", "print(os.getpid() == parent)")
    assert text(cells[1]) == "True\n"


def test_an_interrupted_cell_keeps_output_and_traceback() -> None:
    cells = run("print('before')\nimport time\ntime.sleep(60)", "print('never')", timeout_s=0.3)
    assert text(cells[0]) == "before\n"
    assert [output.ename for output in cells[0].outputs[1:]] == ["KeyboardInterrupt", "CellTimeoutError"]
    assert cells[1].outputs == []
    assert cells[0].metadata.papermill.status == "failed"


@pytest.mark.parametrize(
    "source",
    [
        "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass",
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}); time.sleep(60)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('swallowed')",
        "while True: print('x' * 9999)",
    ],
    ids=["stubborn", "deaf", "stopped", "swallowing", "talking"],
)
def test_an_overlong_cell_ends_whatever_it_does(source: str) -> None:
    begun = time.monotonic()
    (cell,) = run(source, timeout_s=0.3)
    assert error(cell) == "CellTimeoutError"
    assert time.monotonic() - begun < 10


def test_what_a_notebook_started_ends_with_it() -> None:
    source = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"
    pids = [int(text(run(source)[0])), int(text(run(source, "import os; os._exit(1)")[0]))]
    assert all(eventually(lambda pid=pid: gone(pid)) for pid in pids)


def test_what_left_the_notebooks_group_ends_with_it_too() -> None:
    source = "import subprocess; p = subprocess.Popen(['sleep', '60'], start_new_session=True); print(p.pid)"
    pids = [int(text(run(source)[0])), int(text(run(source, "import os; os._exit(1)")[0]))]
    assert all(eventually(lambda pid=pid: gone(pid)) for pid in pids)
    engine.stop()
    pid = int(text(run(source)[0]))
    engine.stop()
    assert eventually(lambda: gone(pid))


@pytest.mark.parametrize(
    "source",
    [
        "held = bytearray(10**9)",
        "import numpy; held = numpy.ones(10**9)",
        "held = []\nwhile True: held.append(bytearray(10**5))",
        "held = []\nwhile True: held.append([1.5])",
    ],
    ids=["at once", "an array", "by and by", "in crumbs"],
)
def test_a_notebook_that_takes_too_much_memory_is_told_the_bound(source: str) -> None:
    cells = run("print('fine')", source, "print('never')", memory_mb=400)
    assert text(cells[0]) == "fine\n"
    assert error(cells[1]).endswith("MemoryError")
    told = cells[1].outputs[-1]
    assert told.evalue.endswith("the notebook may take 400 MB of memory")
    assert told.traceback[-1] == "the notebook may take 400 MB of memory"
    assert cells[1].metadata.papermill.status == "failed"
    assert cells[2].outputs == []


def test_memory_has_a_bound_unless_it_is_taken_away() -> None:
    source = "import resource; print(resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY)"
    assert [text(run(source)[0]), text(run(source, memory_mb=None)[0])] == ["False\n", "True\n"]


def test_what_a_cell_may_fail_of_leaves_the_bound_in_force() -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("held = bytearray(10**9)") for _ in range(2)])
    made.cells[0].metadata["tags"] = ["raises-exception"]
    made.metadata = nbformat.from_dict({"papermill": {}, "language_info": {"name": "python"}})
    ended = engine.WarmForkEngine.execute_notebook(made, "python3", progress_bar=False, memory_mb=200)
    assert [error(cell) for cell in ended.cells] == ["MemoryError", "MemoryError"]


def test_the_network_is_off_where_the_host_allows_that() -> None:
    source = "import socket; print([name for _, name in socket.if_nameindex()])"
    here = f"{[name for _, name in socket.if_nameindex()]}\n"
    refused = subprocess.run(
        [sys.executable, "-c", "from nianbao.limits import leave_network as f; exit(f() != '')"], check=False
    )
    assert text(run(source)[0]) == (here if refused.returncode else "['lo']\n")
    assert text(run(source, network=True)[0]) == here


def test_a_notebook_has_a_loopback_of_its_own_and_remains_who_it_is() -> None:
    source = (
        "import os, socket; s = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(s.getsockname(), timeout=5); print('met', os.getuid(), os.getgid())"
    )
    assert text(run(source)[0]) == f"met {os.getuid()} {os.getgid()}\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_has_no_network_either_and_keeps_the_own_name() -> None:
    program = (
        "import codecs, ctypes, fcntl, os, socket\n"
        "from nianbao.limits import leave_network\n"
        "codecs.lookup('ascii')\n"  # who has become somebody else may not read the library any more
        "os.setgroups([]); os.setgid(12345); os.setuid(12345)\n"
        "ctypes.CDLL(None).prctl(4, 1)\n"  # PR_SET_DUMPABLE: else /proc/self belongs to root, unlike that of a user's own process
        "refused = leave_network()\n"
        "names = [name for _, name in socket.if_nameindex()]\n"
        "print(refused or (names == ['lo'] and (os.getuid(), os.getgid()) == (12345, 12345)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.strip() in ("True", "EPERM", "ENOSPC", "EINVAL"), done.stdout


def test_a_host_that_refuses_is_told_of_once_and_to_debuggers(caplog: pytest.LogCaptureFixture) -> None:
    engine.stop()
    parent = engine._WarmParent(("IPython.display",))
    answers = [{"event": "ready", "pid": 1, "refused": "EPERM"}] * 2
    with pytest.MonkeyPatch.context() as patch, caplog.at_level("DEBUG", logger="nianbao.engine"):
        patch.setattr(engine._Line, "receive", lambda *_: answers.pop())
        for _ in range(2):
            parent.fork(network=False, root="")._line.close()
    parent.stop()
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert "EPERM" in caplog.text


def test_a_cell_has_a_time_limit_though_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TIMEOUT_S", 0.3)
    assert error(run("import time; time.sleep(60)", timeout_s=None)[0]) == "CellTimeoutError"
    assert text(run("import time; time.sleep(0.5); print('unbound')", timeout_s=0)[0]) == "unbound\n"


@pytest.mark.parametrize("source", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)", "import os; os.abort()"])
def test_a_death_is_an_error_of_its_cell(source: str) -> None:
    cells = run("print('fine')", f"print('words', flush=True)\n{source}", "print('never')")
    assert error(cells[1]) == "DeadKernelError"
    assert text(cells[1]) == "words\n"
    assert cells[2].outputs == []


def test_a_warm_parent_that_died_is_replaced() -> None:
    first = warm_pid()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: gone(first))
    assert warm_pid() != first


# ---- sessions ------------------------------------------------------------------------------------------------------

PID = "import os; print(os.getpid())"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[None]:
    """A session whose dataset cannot be opened, which costs the notebooks nothing."""
    with engine.session(tmp_path, township=TOWN, year=YEAR):
        yield


def test_the_notebooks_of_a_session_find_its_dataset_open(project: Project) -> None:
    project.write()
    source = (
        "import os; from pathlib import Path; from nianbao import dataset\n"
        f"before = dataset._opened.cache_info()\n"
        f"found = dataset.open_dataset(Path({str(project.root)!r}), township={TOWN!r}, year={YEAR})\n"
        "after = dataset._opened.cache_info()\n"
        "print(after.hits - before.hits, after.misses - before.misses, 'results' in vars(found), os.getpid())"
    )
    with engine.session(project.root, township=TOWN, year=YEAR):
        first, second = (text(run(source)[0]) for _ in range(2))
        assert first.startswith("1 0 True ")
        assert first == second
        project.set_cell("人口监测", "I4", "改了备注")  # a changed return is opened anew
        assert text(run(source)[0]).startswith("0 1 False ")
    assert eventually(lambda: gone(int(first.split()[-1])))
    assert text(run(source)[0]).startswith("0 1 False ")


@pytest.mark.usefixtures("session")
def test_in_a_session_a_notebook_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    sources = (
        "import builtins, os, random, sys, warnings; builtins.leak = 1; os.environ['LEAK'] = '1'; sys.leak = x = 1",
        "os.chdir('/'); sys.path.insert(0, '/leak'); builtins.divmod = max; print('shown')",
        "warnings.simplefilter('error'); random.seed(1); sys.argv = ['leak']; __doc__ = 'leak'",
        "import decimal; decimal.getcontext().prec = 3; get_ipython().events.register('pre_run_cell', lambda *_: print('leak'))",
        "class Own: pass\nget_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda *_: print('leak'))\nOwn()",
        "import sys; sys.modules['__main__'].held = 1; del sys.modules['__main__']; 41",
    )
    asking = (
        "import builtins, decimal, os, random, sys, warnings\n"
        "print(hasattr(builtins, 'leak'), divmod(7, 2), os.environ.get('LEAK'), hasattr(sys, 'leak'), os.getcwd(), sys.path, sys.argv)",
        "print(warnings.filters, random.Random(1).random() == random.random(), decimal.getcontext(), __doc__, sorted(globals()), Out, In[1][:6], _dh)",
        "sys.modules['__main__'].__dict__ is globals()",
        "42",
    )
    source = "import warnings; warnings.warn('again')"
    pid = text(run(PID)[0])
    before = run(*asking, folder=tmp_path)
    ended = run(PID, *sources, folder=tmp_path)
    assert [output for cell in ended for output in cell.outputs if output.output_type == "error"] == []
    after = run(*asking, folder=tmp_path)
    assert [cell.outputs for cell in after] == [cell.outputs for cell in before]
    assert [cell.execution_count for cell in after] == [1, 2, 3, 4]
    assert text(before[0]).startswith(f"False (3, 1) None False {tmp_path} [")
    for notebook in (run(*asking[:1], folder=tmp_path, alone=True), run(*asking[:1], folder=tmp_path)):
        assert text(notebook[0]) == text(before[0])
    assert text(run("print(_dh)", folder=tmp_path, alone=True)[0]) == text(run("print(_dh)", folder=tmp_path)[0])
    assert text(run(PID)[0]) == text(ended[0]) == pid
    for _ in range(2):  # a module that has warned warns the next notebook too
        assert "again" in text(run(source)[0])
    assert error(run("x")[0]) == "NameError"


@pytest.mark.usefixtures("session")
def test_in_a_session_settings_of_matplotlib_and_displays_do_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PRELOAD", (*engine.PRELOAD, "matplotlib"))
    engine.stop()
    pid = text(run(PID)[0])
    run(
        "import matplotlib; matplotlib.rcParams['font.size'] = 3",
        "from IPython.display import display\ndisplay(1, display_id='a')",
    )
    (cell, shown) = run(
        "import matplotlib; print(matplotlib.rcParams['font.size'])", "display(2, display_id='a', update=True);"
    )
    assert text(cell) == "10.0\n"
    assert shown.outputs == []
    assert text(run(PID)[0]) == pid


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "source",
    [
        "1 / 0",
        "import os; os._exit(0)",
        "import os; os.kill(os.getpid(), 9)",
        "import time; time.sleep(60)",
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "import subprocess; left = subprocess.Popen(['sleep', '60'])",
        "import matplotlib.pyplot",
        "import os; os.fork()",
    ],
    ids=["fails", "leaves", "is killed", "overruns", "leaves a thread", "leaves a process", "ties pyplot", "comes back twice"],
)
def test_in_a_session_what_ends_oddly_is_followed_by_a_new_process(source: str) -> None:
    first = run(PID, source, timeout_s=3 if "sleep(60)" in source else 30)
    cells = run(PID, "print('good')")
    assert text(cells[0]) != text(first[0])
    assert text(cells[1]) == "good\n"
    assert text(run(PID)[0]) == text(cells[0])


@pytest.mark.usefixtures("session")
def test_in_a_session_a_notebook_may_ask_to_be_alone_or_for_other_bounds() -> None:
    first = text(run(PID)[0])
    assert text(run(PID, alone=True)[0]) != first
    assert text(run(PID)[0]) == first
    assert text(run(PID, memory_mb=500)[0]) != first


@pytest.mark.usefixtures("session")
def test_in_a_session_a_process_ended_between_notebooks_is_replaced() -> None:
    first = int(text(run(PID)[0]))
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: gone(first))
    assert int(text(run(PID)[0])) != first


@pytest.mark.usefixtures("session")
def test_a_cell_that_may_fail_ends_the_sharing_too() -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (PID, "1 / 0", "2")])
    made.cells[1].metadata["tags"] = ["raises-exception"]
    made.metadata = nbformat.from_dict({"papermill": {}, "language_info": {"name": "python"}})
    ended = engine.WarmForkEngine.execute_notebook(made, "python3", progress_bar=False)
    assert ended.cells[2].execution_count == 3
    assert text(run(PID)[0]) != text(ended.cells[0])


@pytest.mark.usefixtures("session")
def test_a_session_is_of_its_thread() -> None:
    first = text(run(PID)[0])
    with ThreadPoolExecutor(1) as pool:
        others = {text(pool.submit(run, PID).result()[0]) for _ in range(2)}
    assert len(others) == 2
    assert text(run(PID)[0]) == first


def test_reports_of_one_project_share_its_catalogue_until_it_changes(project: Project) -> None:
    project.write()
    source = (
        "from pathlib import Path; from nianbao import catalogue\n"
        "read = catalogue._read_catalogue.cache_info().misses\n"
        f"print(read, catalogue.load_catalogue(Path({str(project.root)!r})).entries['births'].en)"
    )

    def told() -> str:
        with engine.session(project.root, township=TOWN, year=YEAR):
            return text(run(source)[0])

    engine.stop()
    assert [told(), told()] == ["1 births\n"] * 2
    path = project.root / "params" / "catalogue" / "population.yml"
    path.write_text(path.read_text("utf-8").replace("    en: births\n", "    en: newborn\n"), encoding="utf-8")
    assert told() == "2 newborn\n", "read a second time, where the first reading was kept"
    path.write_text("elements: [", encoding="utf-8")
    with engine.session(project.root, township=TOWN, year=YEAR):
        assert text(run("print('good')")[0]) == "good\n"


def test_what_cannot_be_opened_is_left_to_the_chapters(project: Project) -> None:
    with engine.session(project.root, township=TOWN, year=YEAR):  # there is no return
        assert text(run("print('good')")[0]) == "good\n"


def test_stop_ends_the_warm_parent_and_the_next_notebook_starts_another() -> None:
    first = warm_pid()
    engine.stop()
    engine.stop()
    assert gone(first)
    assert warm_pid() != first


@pytest.mark.parametrize("deed", ["finishes", "is killed"])
def test_nothing_stays_behind_when_the_engine_ends(tmp_path: Path, deed: str) -> None:
    program = f"""
import os, sys, threading, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_engine import engine, run
engine.PRELOAD = ("IPython.display",)
source = "import os, time; print(os.getppid(), os.getpid(), file=open('pids', 'w'), flush=True); time.sleep({{}})"
run(source.format(0 if {deed == "finishes"} else 60))
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    pids = tmp_path / "pids"
    assert eventually(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    if deed == "is killed":
        process.kill()
    assert process.wait(30) == (0 if deed == "finishes" else -9)
    assert all(eventually(lambda pid=pid: gone(pid)) for pid in map(int, pids.read_text().split()))


def test_a_process_forked_from_the_engine_gets_a_warm_parent_of_its_own() -> None:
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_engine import engine, warm_pid
engine.PRELOAD = ("IPython.display",)
first = warm_pid()
if os.fork() == 0:
    differs = warm_pid() != first
    engine.stop()
    os._exit(0 if differs else 3)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
assert warm_pid() == first
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("nianbao_no_such_module", "ModuleNotFoundError: No module named 'nianbao_no_such_module'"),
        ("threaded", "after importing threaded the warm parent has 2 threads"),
        ("leaving", "it ended at once"),
    ],
)
def test_a_warm_parent_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, said: str
) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    )
    (tmp_path / "leaving.py").write_text("import os; os._exit(0)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(engine, "PRELOAD", (module,))
    engine.stop()
    with pytest.raises(engine.WarmParentError, match=said):
        run("1")


def test_another_platform_falls_back_to_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    (cell,) = run("import os; print('ipykernel' in __import__('sys').modules)")
    assert text(cell) == "True\n"
