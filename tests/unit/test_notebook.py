"""Notebooks: declared parameters, runs that succeed or fail for the right reason, canonical forms and house rules."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from nianbao import engine, notebook
from nianbao.blocks import CHAPTER_MIME
from nianbao.errors import ChapterError, ParameterError, UserError

PARAMETERS = 'township: str = "maolin"  # township code\nyear: int = 2020  # statistical year'
CLOSE = f"from IPython.display import display\ndisplay({{{CHAPTER_MIME!r}: {{'complete': True, 'facts': [year]}}}}, raw=True)"


@pytest.fixture(autouse=True, scope="module")
def _small_warm_parent() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        engine.stop()
        patch.setattr(engine, "PRELOAD", ("pandas", "IPython.display"))
        yield
        engine.stop()


def write(path: Path, *cells: str | tuple[str, str], parameters: str = PARAMETERS, close: bool = True) -> Path:
    """Save a notebook of code cells, each a source or a source and a tag, between a parameters and a closing cell."""
    pairs = [(parameters, "parameters"), *((cell, "") if isinstance(cell, str) else cell for cell in cells)]
    pairs += [(CLOSE, "")] if close else []
    made = nbformat.v4.new_notebook()
    for index, (source, tag) in enumerate(pairs):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{index}")
        cell.metadata["tags"] = [tag] if tag else []
        made.cells.append(cell)
    path.write_bytes(notebook.to_bytes(notebook.clean(made)))
    return path


def run(path: Path, **options: Any) -> nbformat.NotebookNode:
    return notebook.execute(path, parameters=options.pop("parameters", {"year": 2021}), cwd=path.parent, **options)


def failure(path: Path, **options: Any) -> notebook.ChapterRunError:
    with pytest.raises(notebook.ChapterRunError) as caught:
        run(path, **options)
    return caught.value


# ---- parameters ----------------------------------------------------------------------------------------------------


def test_parameters_are_read_with_type_default_and_comment(tmp_path: Path) -> None:
    source = PARAMETERS + "\nshare: float = 1  # a share\nlow: int = -3  # below zero\ndraft: bool = False  # 草稿 # 二"
    path = write(tmp_path / "a.ipynb", parameters=source)
    assert notebook.parameters_of(path) == (
        notebook.Parameter("township", "str", "maolin", "township code"),
        notebook.Parameter("year", "int", 2020, "statistical year"),
        notebook.Parameter("share", "float", 1.0, "a share"),
        notebook.Parameter("low", "int", -3, "below zero"),
        notebook.Parameter("draft", "bool", False, "草稿 # 二"),
    )


def test_every_faulty_parameter_is_named_with_its_line(tmp_path: Path) -> None:
    source = (
        "a = 1  # not annotated\nb: int = True  # a bool\nc: list = []  # no scalar\n"
        "d: int = 1\ne: int = int(3)  # a call\nf: int = 1  # fine\nf: int = 2  # twice"
    )
    path = write(tmp_path / "a.ipynb", parameters=source)
    with pytest.raises(ParameterError) as caught:
        notebook.parameters_of(path)
    where = f"{path}: parameters cell, "
    assert str(caught.value).splitlines() == [
        where + "line 1: expected `name: type = value  # comment`",
        where + "line 2: the default True is a bool, b takes an int",
        where + "line 3: 'c' must be annotated str, int, float or bool",
        where + "line 4: 'd' needs a trailing comment that says what it is",
        where + "line 5: the default of 'e' must be a plain value",
        where + "'f' is declared twice",
    ]


def test_the_parameters_cell_is_never_run(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", parameters='a: int = open("ran", "w").write("x")  # a call')
    with pytest.raises(ParameterError, match="plain value"):
        notebook.parameters_of(path)
    assert not (tmp_path / "ran").exists()


def test_unknown_and_mistyped_parameters_are_refused_together(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", 'open("ran", "w").close()')
    with pytest.raises(ParameterError) as caught:
        run(path, parameters={"townshp": "x", "year": "2020", "township": 7})
    assert str(caught.value).splitlines() == [
        f"{path}: 'townshp' is not a parameter; did you mean 'township'?",
        f"{path}: '2020' is text, year takes an int",
        f"{path}: 7 is an int, township takes text",
    ]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("declared", "given", "expected"),
    [
        ("int", 3, 3),
        ("int", True, None),
        ("int", 3.0, None),
        ("float", 3, 3.0),
        ("float", True, None),
        ("float", float("nan"), None),
        ("bool", True, True),
        ("bool", 1, None),
        ("str", "012345", "012345"),
        ("str", None, None),
    ],
)
def test_values_keep_or_lose_their_type(tmp_path: Path, declared: str, given: object, expected: object) -> None:
    default = {"int": "0", "float": "0.5", "bool": "False", "str": '""'}[declared]
    path = write(tmp_path / "a.ipynb", parameters=f"x: {declared} = {default}  # any")
    if expected is None:
        with pytest.raises(ParameterError, match="x takes"):
            notebook.check_parameters(path, {"x": given})
    else:
        checked = notebook.check_parameters(path, {"x": given})["x"]
        assert (checked, type(checked)) == (expected, type(expected))


def test_a_notebook_without_parameters_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook.to_bytes(nbformat.v4.new_notebook()))
    with pytest.raises(ParameterError, match="no code cell is tagged"):
        notebook.parameters_of(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"nbformat": 4, "cells": [1]}', '{"nbformat": 3, "worksheets": []}'])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(UserError, match=r"a\.ipynb: is"):
        notebook.parameters_of(path)


# ---- running -------------------------------------------------------------------------------------------------------


def test_parameters_arrive_typed_and_braces_in_paths_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "{year} 乡"
    folder.mkdir()
    path = write(folder / "{a}.ipynb", "print(repr(township), repr(year), open('{a}.ipynb').readable())")
    executed = run(path, parameters={"township": '茂"林\\', "year": 2021})
    assert executed.cells[2].outputs[0].text == repr('茂"林\\') + " 2021 True\n"
    assert notebook.chapter_record(executed) == {"complete": True, "facts": [2021]}
    assert [entry.name for entry in folder.iterdir()] == ["{a}.ipynb"]


def test_without_parameters_the_defaults_hold(tmp_path: Path) -> None:
    executed = run(write(tmp_path / "a.ipynb"), parameters={})
    assert notebook.chapter_record(executed)["facts"] == [2020]


@pytest.mark.parametrize("engine_name", ["fast", "kernel"])
def test_a_failing_cell_is_named_without_its_content(tmp_path: Path, engine_name: str, capfd: Any) -> None:
    path = write(tmp_path / "a.ipynb", "x = 'resident 42'", "raise KeyError(x)", "print('after')")
    error = failure(path, engine=engine_name)
    assert str(error) == "a.ipynb: cell 3 (id cell-2) stopped with KeyError"
    assert (error.cell_id, error.exception) == ("cell-2", "KeyError")
    assert [cell.execution_count for cell in error.notebook.cells] == [1, 2, 3, 4, None, None]
    assert error.notebook.cells[3].outputs[-1].evalue == "'resident 42'"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine_name", ["fast", "kernel"])
@pytest.mark.parametrize(
    ("source", "exception"),
    [
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import os; os._exit(0)", "DeadKernelError"),
        ("raise ExceptionGroup('g', [ValueError()])", "an exception"),
        ("def broken(:", "SyntaxError"),
        ("input()", "StdinNotImplementedError"),
    ],
)
def test_every_way_to_stop_is_a_failure(tmp_path: Path, engine_name: str, source: str, exception: str) -> None:
    error = failure(write(tmp_path / "a.ipynb", source), engine=engine_name)
    assert error.exception == exception
    assert error.cell_id == "cell-1"


@pytest.mark.parametrize("engine_name", ["fast", "kernel"])
@pytest.mark.parametrize("deed", ["import os; os._exit(0)", "import sys; sys.exit(0)", "import os; os.kill(os.getpid(), 9)"])
def test_what_ends_after_the_record_was_published_has_failed_too(tmp_path: Path, engine_name: str, deed: str) -> None:
    error = failure(write(tmp_path / "a.ipynb", f"{CLOSE}\n{deed}", close=False), engine=engine_name)
    assert error.cell_id == "cell-1"
    assert error.exception in ("DeadKernelError", "SystemExit")


def test_a_copy_of_the_process_that_ends_is_no_failure(tmp_path: Path) -> None:
    source = "import os\nif os.fork() == 0: os._exit(0)\n_ = os.wait()"
    assert notebook.chapter_record(run(write(tmp_path / "a.ipynb", source)))["complete"] is True


def test_a_chapter_that_takes_too_much_memory_has_failed(tmp_path: Path) -> None:
    error = failure(write(tmp_path / "a.ipynb", "held = bytearray(10**9)"), memory_mb=300)
    assert (error.cell_id, error.exception) == ("cell-1", "MemoryError")
    assert error.notebook.cells[2].outputs[-1].evalue == "the notebook may take 300 MB of memory"


@pytest.mark.parametrize("engine_name", ["fast", "kernel"])
def test_an_overlong_cell_is_stopped(tmp_path: Path, engine_name: str) -> None:
    path = write(tmp_path / "a.ipynb", "print('before', flush=True)\nimport time; time.sleep(60)")
    error = failure(path, engine=engine_name, timeout_s=1)
    assert str(error) == "a.ipynb: cell 2 (id cell-1) stopped with CellTimeoutError"
    assert error.notebook.cells[2].outputs[0].text == "before\n"


def test_a_chapter_that_is_not_closed_has_failed(tmp_path: Path) -> None:
    error = failure(write(tmp_path / "a.ipynb", "1 + 1", close=False))
    assert "did not close the chapter" in str(error)
    assert (error.cell_id, error.exception) == (None, None)
    with pytest.raises(ChapterError, match="no chapter record"):
        notebook.chapter_record(error.notebook)
    failure(write(tmp_path / "b.ipynb", CLOSE, "1 + 1", close=False))
    failure(write(tmp_path / "c.ipynb", CLOSE.replace("True", "False", 1), close=False))


def test_a_cell_that_may_raise_does_not_fail_the_chapter(tmp_path: Path) -> None:
    executed = run(write(tmp_path / "a.ipynb", ("1 / 0", "raises-exception"), ("1 / 0", "skip-execution")))
    assert executed.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert executed.cells[3].outputs == []
    error = failure(write(tmp_path / "b.ipynb", ("import os; os._exit(1)", "raises-exception")))
    assert error.exception == "DeadKernelError"


# ---- the engines agree ---------------------------------------------------------------------------------------------

PARITY = {
    "streams": "import sys\nprint('one'); print('two', file=sys.stderr); print('three', end='')",
    "frame": "import pandas as pd\npd.DataFrame({'乡': [1, 2], 'x': [0.1, None]})",
    "wide frame": "wide = pd.DataFrame({f'column {n}': range(90) for n in range(30)})\ndisplay(wide); print(wide)",
    "pandas options": "{name: pd.get_option('display.' + name) for name in ('max_columns', 'max_rows', 'width')}",
    "display ids": "from IPython.display import Markdown, clear_output, update_display\n"
    "display(Markdown('*a*')); _ = display('first', display_id='h')\nobject()",
    "update": "update_display('second', display_id='h'); print('gone'); clear_output(); print('kept')",
    "late clear": "print('old'); clear_output(wait=True); print('new')",
    "async": "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "pyplot": "import matplotlib.pyplot as plt\n_ = plt.figure(figsize=(1, 1)); _ = plt.plot([1, 2])",
    "bytes": "class Picture:\n    def _repr_png_(self): return b'\\x89PNG'\n    def _repr_html_(self): return '<b>x</b>'\n"
    "Picture()",
    "warning": "import warnings; warnings.warn('careful')",
    "place": "import os; os.getcwd() == os.path.realpath('.'), sys.path, __name__, os.environ['MPLBACKEND']",
    "semicolon": "41 + 1;",
    "shell": "x = !echo shell\nx",
    "history": "len(Out) > 0, In[3][:6]",
    "json": "display({'application/json': {'a': [1.5, None, '乡']}, 'text/plain': '…'}, raw=True)",
    "pager": "?len",
    "broken repr": "class Broken:\n    def __str__(self): return 'broken'\nprint(Broken())",
    "skipped": "",
}


@pytest.fixture(scope="module")
def parity_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, nbformat.NotebookNode]:
    """The same notebook by both engines and by papermill as it comes."""
    folder = tmp_path_factory.mktemp("parity")
    path = write(folder / "a.ipynb", *PARITY.values())
    runs = {name: run(path, engine=name) for name in ("fast", "kernel")}
    plain = papermill.execute_notebook(
        path, folder / "plain.ipynb", parameters={"year": 2021}, cwd=folder, progress_bar=False, kernel_name="python3"
    )
    return {**runs, "plain": notebook.normalise(plain)}


@pytest.mark.parametrize("other", ["kernel", "plain"])
def test_the_fast_engine_leaves_what_papermill_leaves(parity_runs: dict[str, nbformat.NotebookNode], other: str) -> None:
    ran, expected = parity_runs["fast"].cells[2:], parity_runs[other].cells[2:]
    for name, left, right in zip([*PARITY, "close"], ran, expected, strict=True):
        assert left == right, name
    assert notebook.to_bytes(parity_runs["fast"]) == notebook.to_bytes(parity_runs[other])


def test_the_parity_notebook_shows_what_it_is_meant_to(parity_runs: dict[str, nbformat.NotebookNode]) -> None:
    shown = dict(zip(PARITY, (cell.outputs for cell in parity_runs["fast"].cells[2:]), strict=False))
    assert [output.name for output in shown["streams"]] == ["stdout", "stderr"]
    assert "<table" in shown["frame"][0].data["text/html"]
    assert shown["display ids"][1].data["text/plain"] == "'second'"
    assert shown["display ids"][2].data["text/plain"] == "<object at 0x0>"
    assert [output.text for output in shown["update"] + shown["late clear"]] == ["kept\n", "new\n"]
    assert set(shown["pyplot"][0].data) == {"image/png", "text/plain"}
    assert shown["bytes"][0].data["image/png"] == "iVBORw=="
    assert shown["warning"][0].text.startswith("<cell>:1: UserWarning: careful")
    assert shown["semicolon"] == shown["pager"] == []


@pytest.mark.parametrize("source", ["1 / 0", "def f(x): return 1 / x\nf(0)", "def broken(:", "raise SystemExit"])
def test_failures_read_the_same_by_both_engines(tmp_path: Path, source: str) -> None:
    path = write(tmp_path / "a.ipynb", source)
    fast, kernel = failure(path), failure(path, engine="kernel")
    assert notebook.to_bytes(fast.notebook) == notebook.to_bytes(kernel.notebook)
    assert str(fast) == str(kernel)


# ---- sharing a process ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shares"),
    [
        ("from nianbao.chapter import Chapter\nmade = Chapter\nmade.table('a', rows=[1])[0]", True),
        ("# nothing", True),
        ("import os", False),
        ("from os import path", False),
        ("from nianbao import chapter", False),
        ("from nianbao.chapter import Chapter\nChapter.note = 1", False),
        ("from nianbao.chapter import Chapter\nChapter.__init__", False),
        ("year.real._x", False),
        ("Out[1] = 2", False),
        ("__import__('os')", False),
        ("get_ipython()", False),
        ("%matplotlib inline", False),
        ("!ls", False),
    ],
)
def test_only_a_notebook_that_narrates_shares_its_process(tmp_path: Path, source: str, shares: bool) -> None:
    path = write(tmp_path / "a.ipynb", source, close=False)
    assert notebook._narrates(notebook._read(path)) is shares


def test_every_chapter_of_the_project_shares_its_process() -> None:
    paths = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
    assert paths
    assert [path.name for path in paths if notebook.hygiene(path) == [] and not notebook._narrates(notebook._read(path))] == []


def test_in_a_session_a_failure_leaves_the_next_notebook_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_narrates", lambda _: True)
    good = write(tmp_path / "good.ipynb", "import os; print(os.getpid())", "try: leak\nexcept NameError: print('none')")
    alone = notebook.to_bytes(run(write(tmp_path / "same.ipynb", "print(1)", "1 + 1")))

    def pid() -> str:
        ended = run(good)
        assert [cell.execution_count for cell in ended.cells] == list(range(1, len(ended.cells) + 1))
        assert ended.cells[3].outputs[0].text == "none\n"
        return str(ended.cells[2].outputs[0].text)

    with engine.session(tmp_path, township="nowhere", year=2020):
        first = pid()
        assert pid() == first
        assert notebook.to_bytes(run(tmp_path / "same.ipynb")) == alone
        for source in ("leak = 1; 1 / 0", "leak = 1; import os; os._exit(1)"):
            failure(write(tmp_path / "bad.ipynb", source))
            last, first = first, pid()
            assert first != last
            assert pid() == first


# ---- canonical forms -----------------------------------------------------------------------------------------------


def test_two_runs_are_equal_byte_for_byte_and_another_parameter_shows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", "print(year); object()")
    first, second = (notebook.to_bytes(run(path)) for _ in range(2))
    assert first == second
    assert first != notebook.to_bytes(run(path, parameters={"year": 2022}))


def test_an_executed_notebook_holds_no_time_path_or_version(tmp_path: Path) -> None:
    text = notebook.to_bytes(run(write(tmp_path / "a.ipynb", "1"))).decode()
    for trace in ("input_path", "environment_variables", "start_time", "duration", str(tmp_path), "version", "iopub"):
        assert trace not in text
    made = json.loads(text)
    assert made["metadata"]["papermill"] == {"parameters": {"year": 2021}}
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert made["cells"][1]["id"].startswith("parameters-")
    nbformat.validate(nbformat.reads(text, as_version=4))


def test_bytes_are_stable_and_survive_odd_text() -> None:
    cell = nbformat.v4.new_code_cell("x", id="a")
    cell.outputs = [nbformat.v4.new_output("stream", text="乡\udc80")]
    made = nbformat.v4.new_notebook(cells=[cell])
    content = notebook.to_bytes(made)
    assert content.endswith(b"}\n")
    assert "乡".encode() in content
    assert notebook.to_bytes(nbformat.reads(content.decode(), as_version=4)) == content
    cell.outputs = [nbformat.v4.new_output("display_data", {"application/json": {"x": float("nan")}})]
    with pytest.raises(ValueError, match="JSON"):
        notebook.to_bytes(nbformat.v4.new_notebook(cells=[cell]))


def test_bytes_are_those_of_nbformats_own_writer_and_writing_changes_nothing(tmp_path: Path) -> None:
    executed = run(write(tmp_path / "a.ipynb", *PARITY.values()))
    executed.metadata["orig_nbformat"] = 4
    executed.cells[0].metadata["trusted"] = True
    before = copy.deepcopy(executed)
    assert notebook.to_bytes(executed) == (nbformat.writes(executed).rstrip("\n") + "\n").encode()
    assert executed == before


def test_clean_takes_out_what_a_run_and_an_editor_left(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", "print(1)")
    executed = run(path)
    executed.metadata["vscode"] = {"interpreter": {}}
    executed.cells[0].metadata["collapsed"] = True
    assert notebook.to_bytes(notebook.clean(executed)) == path.read_bytes()


# ---- house rules ---------------------------------------------------------------------------------------------------

OPEN = "from nianbao.chapter import Chapter\nchapter = Chapter(township=township, year=year)"
GOOD = (OPEN, "chapter.table()", "chapter.close()")


def test_a_good_chapter_keeps_every_rule(tmp_path: Path) -> None:
    assert notebook.hygiene(write(tmp_path / "a.ipynb", *GOOD, close=False)) == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((OPEN, "def f(): pass", "chapter.close()"), "def in a notebook"),
        ((OPEN, "class F: pass", "chapter.close()"), "class in a notebook"),
        ((OPEN, "f = lambda: 1", "chapter.close()"), "lambda in a notebook"),
        ((OPEN, "for x in y: x", "chapter.close()"), "a loop in a notebook"),
        ((OPEN, "f(x for x in y)", "chapter.close()"), "a comprehension in a notebook"),
        ((OPEN, "x = 1 if y else 2", "chapter.close()"), "if or match in a notebook"),
        ((OPEN, "try: x\nfinally: y", "chapter.close()"), "try in a notebook"),
        ((OPEN, "%matplotlib inline", "chapter.close()"), "a magic or shell line"),
        ((OPEN, "x =", "chapter.close()"), "line 1 is not Python"),
        ((OPEN, "x = 1\n" * 7, "chapter.close()"), "7 lines; at most 6"),
        ((OPEN, *["x = 1"] * 9, "chapter.close()"), "12 code cells; at most 10"),
        ((OPEN, *["x = 1\n" * 6] * 7, "chapter.close()"), "47 code lines; at most 40"),
        ((OPEN, "import pandas", "chapter.close()"), "imports: from nianbao.chapter import Chapter; import pandas"),
        (("x = 1", "chapter.close()"), "the second code cell does not open the chapter"),
        ((OPEN, "x = 1"), "the last code cell does not end with .close()"),
    ],
)
def test_each_broken_rule_is_named(tmp_path: Path, cells: tuple[str, ...], said: str) -> None:
    path = write(tmp_path / "a.ipynb", *cells, close=False)
    assert any(said in sentence for sentence in notebook.hygiene(path))


def test_an_exploratory_notebook_may_compute_but_declares_and_stays_clean(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", "import pandas\nfor x in range(9): print(x)", close=False)
    assert notebook.hygiene(path, exploratory=True) == []
    assert notebook.hygiene(path)
    path = write(tmp_path / "b.ipynb", parameters="year = 2020", close=False)
    assert "expected `name: type = value  # comment`" in notebook.hygiene(path, exploratory=True)[0]


def test_digits_in_markdown_are_refused_but_list_numbers_are_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD, close=False)
    made = nbformat.read(path, as_version=4)
    made.cells.insert(2, nbformat.v4.new_markdown_cell("1. one\n2) two", id="list"))
    made.cells.insert(2, nbformat.v4.new_markdown_cell("率为９９％", id="digits"))
    path.write_bytes(notebook.to_bytes(made))
    assert notebook.hygiene(path) == ["cell 3 (id digits): digits in markdown; figures come from the chapter's facts"]


def test_an_uncommitted_state_is_described(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD, close=False)
    raw = json.loads(path.read_text())
    path.write_text(json.dumps(raw))
    assert notebook.hygiene(path) == ["not saved in the form git holds: key order, indent or line ends"]
    raw["cells"][1].update(execution_count=3, outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}])
    raw["cells"][2]["metadata"]["collapsed"] = True
    del raw["cells"][0]["id"]
    path.write_text(json.dumps(raw))
    (sentence,) = notebook.hygiene(path)
    for part in ("outputs", "execution counts", "cells without id", "editor metadata"):
        assert part in sentence
