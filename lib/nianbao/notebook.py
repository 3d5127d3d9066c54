"""Notebooks: their parameters, running them, and the two canonical forms — as git holds them and as a run leaves them.

Nothing else in nianbao touches papermill or nbclient.  A run counts as good only when its last code cell published the
record that closes a chapter (:data:`nianbao.blocks.CHAPTER_MIME` with ``"complete": true``): papermill reports success for
a notebook that stopped at ``sys.exit(0)``, and marks the cells of one whose kernel died as completed.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import io
import json
import logging
import math
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nianbao.blocks import CHAPTER_MIME
from nianbao.errors import ChapterError, ParameterError, UserError, did_you_mean
from nianbao.limits import MEMORY_MB, TIMEOUT_S

if TYPE_CHECKING:
    from nbformat import NotebookNode

Scalar = str | int | float | bool
"""A value a notebook parameter can have."""
TypeName = Literal["str", "int", "float", "bool"]
"""How a parameters cell annotates a scalar."""

MAX_CODE_LINES = 40
MAX_CODE_CELLS = 10
MAX_CELL_LINES = 6
FACADE = "nianbao.chapter"
"""The one module a chapter notebook imports."""

_KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_PARAMETERS_TAG = "parameters"
_INJECTED_TAG = "injected-parameters"
_MAY_FAIL_TAG = "raises-exception"
_REACHING = frozenset(
    {"get_ipython", "exec", "eval", "compile", "globals", "vars", "getattr", "setattr", "delattr", "In", "Out"}
)
"""Names that lead out of a notebook without an import."""
_TYPES: dict[TypeName, type[Scalar]] = {"str": str, "int": int, "float": float, "bool": bool}
_TAKES: dict[TypeName, str] = {"str": "text", "int": "an int", "float": "a float", "bool": "a bool"}


@dataclass(frozen=True)
class Parameter:
    """A parameter as the notebook declares it: ``name: type = default  # comment``."""

    name: str
    type: TypeName
    default: Scalar
    comment: str


class ChapterRunError(ChapterError):
    """A chapter whose notebook did not reach its end.

    ``notebook`` is the normalised notebook as far as it ran; ``cell_id`` the cell that stopped it and ``exception`` the
    class name of what stopped it, both None when every cell ran but the chapter was never closed.
    """

    def __init__(
        self, message: str, *, notebook: NotebookNode, cell_id: str | None = None, exception: str | None = None
    ) -> None:
        super().__init__(message)
        self.notebook = notebook
        self.cell_id = cell_id
        self.exception = exception


# ---- parameters ----------------------------------------------------------------------------------------------------


def parameters_of(path: Path) -> tuple[Parameter, ...]:
    """Return the parameters that the notebook's cell tagged ``parameters`` declares, in order; the cell is never run.

    Raises:
        ParameterError: there is no such cell, or lines of it are not annotated scalars with a comment; all are named.
        UserError: the file is not a notebook.
    """
    cells = [cell for cell in _code_cells(_read(path)) if _PARAMETERS_TAG in _tags(cell)]
    if not cells:
        raise ParameterError(f"{path}: no code cell is tagged 'parameters'; tag the cell that assigns them")
    parameters, faults = _declared(cells[0].source)
    if faults:
        raise ParameterError("\n".join(f"{path}: parameters cell, {fault}" for fault in faults))
    return tuple(parameters)


def check_parameters(path: Path, given: Mapping[str, object]) -> dict[str, Scalar]:
    """Return ``given`` as scalars of the declared types; an int is welcome where the notebook takes a float.

    Raises:
        ParameterError: names the notebook does not declare, or values of another type; the message lists all of them.
    """
    declared = {parameter.name: parameter for parameter in parameters_of(path)}
    checked: dict[str, Scalar] = {}
    faults: list[str] = []
    for name, value in given.items():
        parameter = declared.get(name)
        if parameter is None:
            hint = did_you_mean(name, declared) or f"; known: {', '.join(declared) or 'none'}"
            faults.append(f"{name!r} is not a parameter{hint}")
        elif (scalar := _as_type(value, parameter.type)) is None:
            faults.append(f"{value!r} is {_kind(value)}, {name} takes {_TAKES[parameter.type]}")
        else:
            checked[name] = scalar
    if faults:
        raise ParameterError("\n".join(f"{path}: {fault}" for fault in faults))
    return checked


def _declared(source: str) -> tuple[list[Parameter], list[str]]:
    """Return what a parameters cell declares and, by line, what is wrong with it."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        return [], [f"line {error.lineno}: {error.msg}"]
    comments = _comments(source)
    parameters: list[Parameter] = []
    faults: list[str] = []
    for statement in statements:
        found = _declaration(statement, comments)
        if isinstance(found, Parameter):
            parameters.append(found)
        else:
            faults.append(f"line {statement.lineno}: {found}")
    names = [parameter.name for parameter in parameters]
    faults += [f"{name!r} is declared twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    return parameters, faults


def _declaration(statement: ast.stmt, comments: Mapping[int, str]) -> Parameter | str:
    """Return the parameter a statement declares, or what keeps it from declaring one."""
    if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
        return "expected `name: type = value  # comment`"
    name = statement.target.id
    annotation = statement.annotation.id if isinstance(statement.annotation, ast.Name) else None
    type_name = next((known for known in _TYPES if known == annotation), None)
    if type_name is None:
        return f"{name!r} must be annotated str, int, float or bool"
    try:
        written = ast.literal_eval(statement.value)
    except ValueError:
        return f"the default of {name!r} must be a plain value"
    default = _as_type(written, type_name)
    if default is None:
        return f"the default {written!r} is {_kind(written)}, {name} takes {_TAKES[type_name]}"
    comment = comments.get(statement.end_lineno or statement.lineno, "")
    if not comment:
        return f"{name!r} needs a trailing comment that says what it is"
    return Parameter(name=name, type=type_name, default=default, comment=comment)


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("#").strip() for token in tokens if token.type == tokenize.COMMENT}


def _as_type(value: object, type_name: TypeName) -> Scalar | None:
    """Return ``value`` as a scalar of that type, or None when it is not one; a bool is no number here."""
    if not isinstance(value, str | int | float):
        return None
    if type_name == "float" and type(value) in (int, float):
        return float(value) if math.isfinite(value) else None  # type: ignore[arg-type]
    return value if type(value) is _TYPES[type_name] else None


def _kind(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    names = {str: "text", bool: "a bool", int: "an int", float: "a float", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")


# ---- running -------------------------------------------------------------------------------------------------------


def execute(
    path: Path,
    *,
    parameters: Mapping[str, object],
    engine: Literal["fast", "kernel"] = "fast",
    timeout_s: float = TIMEOUT_S,
    memory_mb: int = MEMORY_MB,
    cwd: Path,
) -> NotebookNode:
    """Return the notebook as executed with ``parameters`` in the folder ``cwd``, normalised; nothing is written.

    ``fast`` runs it in a fork of a warm process (:class:`nianbao.engine.WarmForkEngine`), which the notebooks of a
    :func:`nianbao.engine.session` share when they do nothing but narrate; ``kernel`` in a Jupyter kernel of its own; the results are the same.  ``timeout_s`` bounds each cell, ``memory_mb`` what the notebook may take in a fork.

    Raises:
        ParameterError: unknown or mistyped parameters; nothing has run.
        UserError: the file is not a notebook, or ``cwd`` is no folder.
        ChapterRunError: a cell failed, overran, or ended its process, or the chapter was not closed; the message names the
            notebook, the cell and the exception's class, and the error carries the notebook as far as it ran.
    """
    given = check_parameters(path, parameters)
    if not cwd.is_dir():
        raise UserError(f"{cwd}: is not a folder; notebooks run in an existing one")
    executed = _run(_read(path), parameters=given, engine=engine, timeout_s=timeout_s, memory_mb=memory_mb, cwd=cwd)
    failure = _failure(executed)
    notebook = normalise(executed)
    if failure is not None:
        index, exception = failure
        cell = notebook.cells[index]
        message = f"{path.name}: {_place(notebook, index)} stopped with {exception}"
        raise ChapterRunError(message, notebook=notebook, cell_id=cell.id, exception=exception)
    if not _closed(notebook):
        message = f"{path.name}: every cell ran, but the last one did not close the chapter; end it with chapter.close()"
        raise ChapterRunError(message, notebook=notebook)
    return notebook


def chapter_record(notebook: NotebookNode) -> dict[str, Any]:
    """Return the record that the notebook's chapter published when it was closed.

    Raises:
        ChapterError: it published none.
    """
    for cell in reversed(_code_cells(notebook)):
        record = _record(cell)
        if record is not None:
            return record
    raise ChapterError("the notebook holds no chapter record: its last cell did not run or does not close the chapter")


def take_reads(notebook: NotebookNode) -> list[list[str]] | None:
    """Take what a chapter asked of the data out of its record, and return it; None where no chapter was closed.

    It is for the next run and not for readers, so the published notebook goes without it.
    """
    found: list[list[str]] | None = None
    for cell in _code_cells(notebook):
        record = _record(cell)
        if record is not None:
            found = record.pop("reads", found)
    return found


def read_executed(content: bytes) -> NotebookNode:
    """Return the executed notebook that :func:`to_bytes` wrote."""
    import nbformat

    made: NotebookNode = nbformat.reads(content.decode("utf-8"), as_version=4)
    return made


def only_narrates(path: Path) -> bool:
    """True for a notebook whose code reaches the data through its chapter alone: then its chapter knows all it has read.

    It imports the one name from the facade, runs no magic, calls nothing that opens files or runs text, and touches no private name.
    """
    cells = _code_cells(_read(path))
    try:
        nodes = [node for cell in cells for node in ast.walk(ast.parse(cell.source))]
    except SyntaxError:
        return False
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    called = {node.id for node in nodes if isinstance(node, ast.Name)}
    named = called | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return (
        all(isinstance(node, ast.ImportFrom) and node.module == FACADE for node in imports)
        and {alias.name for node in imports for alias in node.names} <= {"Chapter"}
        and not any(_has_magic(cell.source) for cell in cells)
        and not called & _REACHING
        and not any(name.startswith("_") for name in named)
    )


_REACHING = frozenset(
    {"open", "exec", "eval", "compile", "getattr", "setattr", "vars", "globals", "locals", "breakpoint", "input", "get_ipython"}
)
"""Names through which code may reach what its chapter does not see."""


def _run(
    notebook: NotebookNode,
    *,
    parameters: Mapping[str, Scalar],
    engine: Literal["fast", "kernel"],
    timeout_s: float,
    memory_mb: int,
    cwd: Path,
) -> NotebookNode:
    """Return the notebook as papermill leaves it, whether or not a cell failed.

    papermill prepares it and hands it to the registered engine; its own ``execute_notebook`` would write the outputs out,
    in pure Python, and on a failure read them back, which takes as long as many a chapter.
    """
    from papermill.engines import papermill_engines
    from papermill.execute import execute_notebook

    from nianbao.engine import LocalKernelEngine

    papermill_engines.register("nianbao-kernel", LocalKernelEngine)
    # Without a handler of the application's, papermill's and nbclient's words on a failure would reach the terminal.
    logger = logging.getLogger("papermill")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    name = "nianbao" if engine == "fast" else "nianbao-kernel"
    prepared = execute_notebook(
        notebook,
        None,
        parameters=dict(parameters),
        engine_name=name,
        prepare_only=True,
        kernel_name="python3",
        language="python",
    )
    executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
        name,
        prepared,
        kernel_name="python3",
        progress_bar=False,
        execution_timeout=timeout_s,
        **({"memory_mb": memory_mb, "alone": not _narrates(notebook)} if engine == "fast" else {}),
        working_folder=str(cwd),
    )
    return executed


def _narrates(notebook: NotebookNode) -> bool:
    """Whether a notebook's code reaches for nothing but the facade and names of its own, so that what it does ends with it."""
    for cell in _code_cells(notebook):
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError:
            return False
        for node in nodes:
            imported = isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != FACADE)
            if imported or (isinstance(node, ast.Name) and (node.id in _REACHING or node.id.startswith("__"))):
                return False
            if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                return False
            if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                return False
    return True


def _failure(executed: NotebookNode) -> tuple[int, str] | None:
    """Return index and exception class of the cell that ended the run, from what papermill left."""
    for index, cell in enumerate(executed.cells):
        if cell.cell_type != "code" or _MAY_FAIL_TAG in _tags(cell):
            continue
        errors = [output.ename for output in cell.outputs if output.output_type == "error"]
        if errors:
            return index, errors[-1]
        if cell.metadata.get("papermill", {}).get("exception"):
            return index, "an exception"
    for index, cell in enumerate(executed.cells):  # a cell that may raise, but whose process ended
        if cell.metadata.get("papermill", {}).get("exception"):
            errors = [output.ename for output in cell.get("outputs", []) if output.output_type == "error"]
            return index, errors[-1] if errors else "an exception"
    return None


def _closed(notebook: NotebookNode) -> bool:
    cells = [cell for cell in _code_cells(notebook) if cell.source.strip()]
    record = _record(cells[-1]) if cells else None
    return record is not None and record.get("complete") is True


def _record(cell: NotebookNode) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None
    for output in cell.outputs:
        if output.output_type in ("display_data", "execute_result"):
            found = output.data.get(CHAPTER_MIME, found)
    return found


def _place(notebook: NotebookNode, index: int) -> str:
    """Return how a reader finds a cell: its place among the notebook's own cells, and its identifier."""
    own = [cell for cell in notebook.cells[:index] if _INJECTED_TAG not in _tags(cell)]
    cell = notebook.cells[index]
    if _INJECTED_TAG in _tags(cell):
        return f"the cell with the given parameters (id {cell.id})"
    return f"cell {len(own) + 1} (id {cell.id})"


# ---- canonical forms -----------------------------------------------------------------------------------------------


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook without what differs from run to run or machine to machine.

    Timestamps, durations, papermill's own metadata (but for the given parameters) and paths, the language version, temporary file names and memory
    addresses go; text printed to one stream between two displays becomes one output, standard output first; the cell of
    the given parameters gets an identifier made from its content.  Two runs on the same data are then equal byte for byte.
    """
    made = _canonical(notebook)
    given = notebook.metadata.get("papermill", {}).get("parameters")
    if given:
        made.metadata["papermill"] = {"parameters": copy.deepcopy(given)}
    for cell in made.cells:
        if _INJECTED_TAG in _tags(cell):
            cell.id = f"parameters-{_hash(cell.source)}"
        if cell.cell_type == "code":
            cell.outputs = _in_stream_order([_scrubbed(output) for output in cell.outputs])
    return made


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as git holds it: no outputs, counts, injected parameters or editor metadata; stable cell ids."""
    made = _canonical(notebook)
    made.cells = [cell for cell in made.cells if _INJECTED_TAG not in _tags(cell)]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return made


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return the one file form of a notebook: nbformat 4.5, sorted keys, indent of one, UTF-8, final newline.

    Raises:
        ValueError: an output holds a number that JSON does not have (not a number, infinity).
    """
    from nbformat.v4.rwbase import split_lines, strip_transient

    made = _own(notebook)  # nbformat's own writer copies every record and drawing, which takes longer than writing them
    made.metadata = copy.copy(made.metadata)
    for cell in made.cells:
        cell.metadata = copy.copy(cell.metadata)
    split_lines(made)
    strip_transient(made)
    text = json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True, separators=(",", ": "))
    # A lone surrogate, which UTF-8 cannot hold, stands only inside strings, where \uXXXX is its JSON form.
    return (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def _read(path: Path) -> NotebookNode:
    """Return the notebook in a file, with identifiers given to cells that have none."""
    import nbformat

    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["nbformat"] != 4:
            raise UserError(f"{path}: is in notebook format {raw['nbformat']}; save it as format 4.5 with JupyterLab")
        raw["nbformat_minor"] = 5
        _identify(raw["cells"])
        notebook: NotebookNode = nbformat.reads(json.dumps(raw), as_version=4)
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such notebook") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: is not a notebook ({type(error).__name__} while reading it)") from error
    return notebook


def _identify(cells: list[dict[str, Any]]) -> None:
    """Give each cell without an identifier, or with another's, one made from its place and content."""
    taken: set[str] = set()
    for index, cell in enumerate(cells):
        if not cell.get("id") or cell["id"] in taken:
            cell["id"] = _hash(f"{index}\n{''.join(cell['source'])}")
        taken.add(cell["id"])


def _canonical(notebook: NotebookNode) -> NotebookNode:
    import nbformat

    made = _own(notebook)
    made.metadata = nbformat.from_dict({"kernelspec": _KERNELSPEC, "language_info": {"name": "python"}})
    made.nbformat, made.nbformat_minor = 4, 5
    for cell in made.cells:
        tags = _tags(cell)
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    _identify(made.cells)
    return made


def _own(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook whose cells and outputs may be changed; what they hold is shared, for records and drawings are large."""
    made = copy.copy(notebook)
    made.cells = [copy.copy(cell) for cell in notebook.cells]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = [copy.copy(output) for output in cell.outputs]
            for output in cell.outputs:
                if "data" in output:
                    output.data = copy.copy(output.data)
    return made


_VOLATILE = (
    # the file names IPython and ipykernel give to cells in tracebacks and warnings
    (re.compile(r"[^\s\"'(]*/ipykernel_\d+/\d+\.py|<ipython-input-\d+-[0-9a-f]+>"), "<cell>"),
    (re.compile(r"\(\d+\.py, line (?=\d)"), "(<cell>, line "),
    (re.compile(r"\bat 0x[0-9a-f]{6,}"), "at 0x0"),
)


def _steady(text: str) -> str:
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return text


def _scrubbed(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = _steady(output.text)
    elif output.output_type == "error":
        output.evalue = _steady(output.evalue)
        output.traceback = [_steady(line) for line in output.traceback]
    elif isinstance(output.data.get("text/plain"), str):
        output.data["text/plain"] = _steady(output.data["text/plain"])
    return output


def _in_stream_order(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Merge neighbouring stream outputs by name: how a kernel cuts and interleaves them is a matter of its timing."""
    merged: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            merged += [streams[name] for name in sorted(streams, reverse=True)]
            streams = {}
            merged.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = output
    return merged + [streams[name] for name in sorted(streams, reverse=True)]


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]


# ---- house rules ---------------------------------------------------------------------------------------------------

_COMPUTING: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.FunctionDef, ast.AsyncFunctionDef), "def"),
    ((ast.ClassDef,), "class"),
    ((ast.Lambda,), "lambda"),
    ((ast.For, ast.AsyncFor, ast.While), "a loop"),
    ((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension"),
    ((ast.If, ast.IfExp, ast.Match), "if or match"),
    ((ast.Try, ast.TryStar), "try"),
)
_LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)


def hygiene(path: Path, *, exploratory: bool = False) -> list[str]:
    """Return the house rules a notebook breaks, one sentence each; ``[]`` when it keeps them all.

    Every notebook declares its parameters first, uses no magics, has no digits in its markdown and is saved in the form
    of :func:`clean`.  A chapter also narrates only (size limits, no definitions, loops or branches, one import, of the
    facade), opens its chapter in the second code cell and closes it in the last; ``exploratory`` lifts these.

    Raises:
        UserError: the file is not a notebook.
    """
    notebook = _read(path)
    cells = _code_cells(notebook)
    broken = list(_parameter_faults(cells))
    trees: list[ast.Module] = []
    for number, cell in enumerate(cells, start=1):
        where = f"code cell {number} (id {cell.id})"
        if _has_magic(cell.source):
            broken.append(f"{where}: a magic or shell line; chapters are plain Python")
            continue
        try:
            trees.append(ast.parse(cell.source))
        except SyntaxError as error:
            broken.append(f"{where}: line {error.lineno} is not Python: {error.msg}")
            continue
        if not exploratory:
            broken += [f"{where}: {fault}" for fault in _computing_faults(trees[-1])]
    if not exploratory:
        broken += _size_faults(cells)
        broken += _frame_faults(cells)
        broken += _import_faults(trees)
    broken += _markdown_faults(notebook)
    if path.read_bytes() != to_bytes(clean(notebook)):
        broken.append(f"not saved in the form git holds: {', '.join(_stray(path)) or 'key order, indent or line ends'}")
    return broken


def _parameter_faults(cells: list[NotebookNode]) -> Iterator[str]:
    if not cells or _PARAMETERS_TAG not in _tags(cells[0]):
        yield "the first code cell is not tagged 'parameters'"
        return
    _parameters, faults = _declared(cells[0].source)
    yield from (f"parameters cell, {fault}" for fault in faults)


def _has_magic(source: str) -> bool:
    lines = [line.strip() for line in source.splitlines()]
    return any(line.startswith(("%", "!", "?")) or (line.endswith("?") and not line.startswith("#")) for line in lines)


def _computing_faults(tree: ast.Module) -> list[str]:
    found = {words for node in ast.walk(tree) for kinds, words in _COMPUTING if isinstance(node, kinds)}
    return [f"{words} in a notebook; move the work into lib/" for words in sorted(found)]


def _size_faults(cells: list[NotebookNode]) -> list[str]:
    faults: list[str] = []
    sizes = [_code_lines(cell.source) for cell in cells]
    if len(cells) > MAX_CODE_CELLS:
        faults.append(f"{len(cells)} code cells; at most {MAX_CODE_CELLS}")
    if sum(sizes) > MAX_CODE_LINES:
        faults.append(f"{sum(sizes)} code lines; at most {MAX_CODE_LINES}")
    for number, (cell, size) in enumerate(zip(cells, sizes, strict=True), start=1):
        if size > MAX_CELL_LINES:
            faults.append(f"code cell {number} (id {cell.id}): {size} lines; at most {MAX_CELL_LINES}")
    return faults


def _code_lines(source: str) -> int:
    lines = (line.strip() for line in source.splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))


def _frame_faults(cells: list[NotebookNode]) -> list[str]:
    faults: list[str] = []
    if len(cells) < 2 or not re.search(r"\bChapter\b[\w.]*\(", cells[1].source):
        faults.append("the second code cell does not open the chapter with Chapter(…)")
    if not cells or not re.search(r"\.close\(\)\s*$", cells[-1].source):
        faults.append("the last code cell does not end with .close()")
    return faults


def _import_faults(trees: list[ast.Module]) -> list[str]:
    imports = [node for tree in trees for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    if len(imports) == 1 and isinstance(imports[0], ast.ImportFrom) and imports[0].module == FACADE:
        return []
    written = "; ".join(ast.unparse(node) for node in imports) or "none"
    return [f"imports: {written}; a chapter has a single one, from {FACADE}"]


def _markdown_faults(notebook: NotebookNode) -> list[str]:
    faults: list[str] = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown" and re.search(r"\d", _LIST_NUMBER.sub("", cell.source)):
            faults.append(f"cell {number} (id {cell.id}): digits in markdown; figures come from the chapter's facts")
    return faults


def _stray(path: Path) -> list[str]:
    """Return what a saved notebook holds that git should not, in words."""
    raw = json.loads(path.read_text("utf-8"))
    found: list[str] = []
    if any(cell.get("outputs") for cell in raw["cells"]):
        found.append("outputs")
    if any(cell.get("execution_count") is not None for cell in raw["cells"]):
        found.append("execution counts")
    if raw.get("nbformat_minor") != 5 or any(not cell.get("id") for cell in raw["cells"]):
        found.append("format older than 4.5 or cells without id")
    canonical = {"kernelspec": _KERNELSPEC, "language_info": {"name": "python"}}
    if raw.get("metadata") != canonical or any(set(cell["metadata"]) - {"tags"} for cell in raw["cells"]):
        found.append("editor metadata")
    return found
