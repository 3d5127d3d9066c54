"""The house in order: module layers and library doors, docs and environment in step with the code, nothing private in tracked files."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml
from pydantic import BaseModel

import nianbao
from nianbao import cli
from nianbao.catalogue import (
    Element,
    Indicator,
    Override,
    Target,
    Township,
    Village,
    YearParams,
    load_catalogue,
    township_keys,
)
from nianbao.shells import Attachment, ReportParams

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "nianbao"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stem != "__init__")
MAX_LINES = 800

LAYERS: dict[str, tuple[str, ...]] = {
    "words and numbers": (
        "errors",
        "stats",
        "values",
        "periods",
        "blocks",
        "package",
        "garbage",
        "callstack",
        "store",
        "project",
    ),
    "files people send": (
        "grid",
        "personal",
        "refusals",
        "serials",
        "gate",
        "draft",
        "ooxml",
        "opendoc",
        "workbook97",
        "plaintext",
        "crosscheck",
        "confined",
        "masking",
    ),
    "params": ("yamlfile", "fields", "formulas", "shells", "catalogue", "divisions", "scaffold"),
    "tables people make": (
        "observation",
        "forms",
        "placenames",
        "windows",
        "remarks",
        "shownnumbers",
        "headers",
        "claims",
        "cellvalues",
        "tables",
        "registers",
        "choosing",
        "layout",
        "suggest",
    ),
    "figures": (
        "returnsheet",
        "intake",
        "returnform",
        "reasons",
        "indicators",
        "suppression",
        "disclosure",
        "checks",
        "consistency",
        "scoring",
        "money",
        "leading",
        "villages",
        "ranking",
        "facts",
        "officetext",
        "rollup",
        "dataset",
        "digests",
        "reads",
    ),
    "telling": (
        "english",
        "breakdown",
        "phrasing",
        "clauses",
        "narrative",
        "nextsteps",
        "trace",
        "fonts",
        "placement",
        "charts",
        "composer",
        "pictures",
        "places",
        "standings",
        "remainder",
        "edits",
        "chapter",
    ),
    "running": ("leanimports", "limits", "kinship", "beginning", "warm", "engine", "notebook"),
    "documents": (
        "origins",
        "cards",
        "page",
        "drawing",
        "bitmaps",
        "breaks",
        "columns",
        "arrangement",
        "wordparts",
        "wordtables",
        "wordmarks",
        "docx",
        "report",
        "annexbook",
        "annexwords",
        "annex",
    ),
    "a run": (
        "freshness",
        "assembly",
        "memory",
        "builddiff",
        "pipeline",
        "template",
        "annotate",
        "absorb",
        "workers",
        "journal",
        "progress",
        "exchange",
        "cluster",
        "runs",
        "status",
    ),
    "commands": ("console", "commands", "cli"),
}
"""Lowest first; within a layer too, a module may import only what stands before it."""
ORDER = [module for layer in LAYERS.values() for module in layer]

DOORS: dict[str, set[str]] = {
    "papermill": {"notebook", "engine"},
    "nbclient": {"engine"},
    "IPython": {"warm", "beginning", "chapter", "composer"},
    "jsonschema": {"leanimports"},
    "nbformat": {"notebook", "engine", "report", "docx"},
    "nbconvert": {"report"},
    "jinja2": {"report"},
    "markupsafe": {"report", "page"},
    "traitlets": {"report", "engine", "warm"},
    "typst": {"report", "bitmaps"},
    "docx": {"docx", "wordparts", "wordmarks"},
    "lxml": {"drawing", "wordparts", "ooxml", "wordmarks", "absorb"},
    "fontTools": {"fonts"},
    "uharfbuzz": {"fonts"},
    "brotli": {"fonts"},
    "matplotlib": {"charts"},
    "openpyxl": {"returnform", "template", "annotate", "annexbook"},
    "python_calamine": {"crosscheck"},
    "xlrd": {"workbook97"},
    "click": {"console", "commands", "cli"},
    "yaml": {"yamlfile"},
    "pydantic": {"catalogue", "digests", "shells", "fields", "formulas", "yamlfile", "scoring", "forms"},
    "scipy": {"stats"},
    "psutil": {"kinship"},
    "pebble": {"workers"},
    "tqdm": {"progress"},
    "distributed": {"cluster"},
    "fsspec": {"exchange"},
}
"""Which modules may import a third-party library; numpy and pandas are free."""
FREE = {"numpy", "pandas"}
SLOW = {"papermill", "nbconvert", "matplotlib", "typst", "docx", "pebble", "distributed", "fsspec"}
"""Libraries that ``nianbao --help`` and ``nianbao results`` must not wait for."""


# ---- the code -------------------------------------------------------------------------------------------------------


def imports_of(path: Path) -> set[str]:
    """Return the dotted names a module imports anywhere in it, ``from nianbao import x`` as ``nianbao.x``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: imports are absolute"
            assert node.module
            own = [f"nianbao.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
            package = node.module.startswith("nianbao") and (PACKAGE.parent / node.module.replace(".", "/")).is_dir()
            found |= {f"{node.module}.{name.rpartition('.')[2]}" for name in own} if package else {node.module}
    return found


def upward(name: str, imports: set[str]) -> list[str]:
    """Return the modules among ``imports`` that do not stand below ``name``."""
    own = {imported.rpartition(".")[2] for imported in imports if imported.startswith("nianbao.")}
    return sorted(module for module in own if ORDER.index(module) >= ORDER.index(name))


def through_no_door(name: str, imports: set[str]) -> list[str]:
    """Return the third-party libraries among ``imports`` for which module ``name`` is no door."""
    libraries = (
        {imported.split(".")[0] for imported in imports} - {"nianbao", "__future__"} - set(sys.stdlib_module_names) - FREE
    )
    return sorted(library for library in libraries if name not in DOORS.get(library, set()))


def test_every_module_has_its_place_in_the_layers() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in MODULES), "a module was added or removed: give it a place in LAYERS"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    assert upward(path.stem, imports_of(path)) == []


def place_names() -> set[str]:
    """Return keys and names of the places in params, and of the places they belong to."""
    found: set[str] = set()
    for key in township_keys(ROOT):
        place = yaml.safe_load((ROOT / "params" / "townships" / f"{key}.yml").read_text(encoding="utf-8"))
        found |= {key, *(str(place[name]) for name in ("zh", "en", "parent_zh", "parent_en"))}
    return {name for name in found if name}


def constants_of(source: str) -> Iterator[str | int]:
    """Yield the texts and whole numbers a program states, docstrings and comments left out."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)) and id(node) not in prose:
            yield node.value


def hard_coded(source: str, places: set[str]) -> list[str | int]:
    """Return what of a program names a place, or is a number that reads as a year."""
    return [
        value
        for value in constants_of(source)
        if (1990 <= value <= 2050 if isinstance(value, int) else any(re.search(rf"\b{re.escape(n)}\b", value) for n in places))
    ]


UNDATED = 2000
"""The year documents without a date carry in their properties; formats want one."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_names_a_place_or_a_year(path: Path) -> None:
    found = hard_coded(path.read_text(encoding="utf-8"), place_names())
    assert [value for value in found if value != UNDATED] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_names_place_and_year_in_its_parameters_alone(path: Path) -> None:
    places = place_names()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            assert not [name for name in places if name in source], "the words beside the code name a place"
        elif "parameters" not in cell["metadata"].get("tags", []):
            assert hard_coded(source, places) == []


def test_a_place_or_a_year_in_the_code_would_be_noticed() -> None:
    assert hard_coded('"""maolin"""\nif town == "maolin" and year > 2019:  # 2020\n    pass', {"maolin"}) == ["maolin", 2019]


def test_an_import_upwards_would_be_noticed() -> None:
    assert upward("stats", {"nianbao.cli", "nianbao.errors", "math"}) == ["cli"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_library_enters_by_its_door(path: Path) -> None:
    assert through_no_door(path.stem, imports_of(path)) == []


def test_a_second_door_would_be_noticed() -> None:
    assert through_no_door("cli", {"click", "openpyxl.styles", "os", "unheard_of"}) == ["openpyxl", "unheard_of"]


def test_quick_commands_do_not_wait_for_slow_libraries() -> None:
    code = "import sys, nianbao.dataset, nianbao.chapter; print(*(name for name in sys.modules if '.' not in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not SLOW & set(loaded)


def test_a_run_with_nothing_to_do_loads_no_table_library() -> None:
    code = "import sys, nianbao.cli, nianbao.runs; print(*(name for name in sys.modules if '.' not in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "numpy", "pydantic", "yaml", "openpyxl", "matplotlib", "distributed", "pebble"} & set(loaded)


def test_a_build_reads_no_grammar_of_addresses() -> None:
    code = (
        "import sys, nianbao.leanimports as lean; lean.import_jsonschema(); import nianbao.report, nianbao.engine, nianbao.notebook\n"
        "print('lark' in sys.modules); import rfc3987_syntax; print('lark' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["False", "True"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not {path.stem for folder in ("lib", "tools", "tests") for path in (ROOT / folder).rglob("*.py")} & empty


def test_the_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project()["version"] == nianbao.__version__
    assert f"## [{nianbao.__version__}]" in changelog


# ---- tracked files --------------------------------------------------------------------------------------------------


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files git holds or would hold; without git, all but what ``.gitignore`` names."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.decode("utf-8").split("\0") if name]
    else:
        built = {".venv", "outputs", "__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
        paths = [path for path in ROOT.rglob("*") if not built & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def texts() -> Iterator[tuple[Path, str]]:
    """Yield the tracked text files, this one left out, for it spells what must not be found."""
    for path in tracked():
        if path == Path(__file__).resolve():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8")


MACHINE = re.compile(
    r"(?<![\w.$}\])])/(?:home|root|work|opt|mnt|Users|private)/\w"
    r"|[A-Z]:\\\\?Users"
    r"|(?:files\.pythonhosted|pypi)\.org|--(?:extra-)?index-url|--find-links|localhost:\d"
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|for now)\b|\bNotImplementedError\(")


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [f"{path.relative_to(ROOT)}: {match[0]}" for path, text in texts() for match in MACHINE.finditer(text)]
    assert found == []


@pytest.mark.parametrize("text", ["see /home/anna/x", "--index-url x", "file:///home/anna", "https://pypi.org/simple"])
def test_a_machine_or_registry_would_be_noticed(text: str) -> None:
    assert MACHINE.search(text)


def test_nothing_is_left_unfinished() -> None:
    found = [f"{path.relative_to(ROOT)}: {match[0]}" for path, text in texts() for match in UNFINISHED.finditer(text)]
    assert found == []


def test_text_files_end_with_one_line_end_and_are_unix() -> None:
    generated_elsewhere = {"LICENSE", "LICENSE-OFL.txt"}
    odd = [
        str(path.relative_to(ROOT))
        for path, text in texts()
        if text and path.name not in generated_elsewhere and ("\r" in text or not text.endswith("\n") or text.endswith("\n\n"))
    ]
    assert odd == []


# ---- the environment ------------------------------------------------------------------------------------------------


def project() -> dict[str, object]:
    """Return the ``project`` table of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        table: dict[str, object] = tomllib.load(stream)["project"]
    return table


def locked() -> dict[str, str]:
    """Return the pinned versions of requirements.lock by package."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M))


def wanted() -> dict[str, str]:
    """Return pyproject's direct dependencies: name to the version bound as written."""
    listed = project()["dependencies"]
    assert isinstance(listed, list)
    return {found[1]: found[2] for entry in listed if (found := re.match(r"([A-Za-z0-9._-]+)(.*)", entry))}


def release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_every_package_of_the_lock_has_hashes_and_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert " @ " not in text


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    pins = locked()
    for name, bound in wanted().items():
        assert name in pins, f"{name} is not in requirements.lock"
        operator, version = bound[:2], bound[2:]
        exact = operator == "=="
        assert exact or operator == ">="
        assert pins[name] == version if exact else release(pins[name]) >= release(version), f"{name} {pins[name]}, not {bound}"


def test_the_conda_environment_is_in_step_with_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == "nianbao"
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (by_pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert [entry for entry in plain if entry.startswith("python")] == [f"python{project()['requires-python']},<3.14"]
    assert by_pip[-1] == "--editable ."
    pins = locked()
    assert by_pip[:-1] == [f"{name}=={pins[name]}" for name in wanted()]


def folders() -> set[str]:
    """Return the top folders that a clone has; git keeps no empty ones."""
    return {path.relative_to(ROOT).parts[0] for path in tracked() if path.parent != ROOT}


def test_make_has_the_targets_that_are_promised() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    assert {"report", "test", "lab", "bench", "clean", "check-style"} <= targets


def test_style_is_checked_in_folders_that_a_clone_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checked = {name for line in re.findall(r"(?:ruff|mypy) (.*)", makefile) for name in line.split() if name.isalpha()}
    assert checked - {"check", "format"} <= folders()


# ---- the documentation ----------------------------------------------------------------------------------------------

PAGES = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = ("README.md", "README.zh-CN.md")


def build_docs() -> ModuleType:
    """Return tools/build_docs.py as a module; tools are scripts and on no import path."""
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh() -> None:
    old = [path.name for path in build_docs().stale()]
    assert old == [], "run .venv/bin/python tools/build_docs.py"


def command_names() -> list[str]:
    """Return the names of all commands."""
    return cli.cli.list_commands(click.Context(cli.cli))


def test_the_reference_names_every_entry_and_command() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [key for key in load_catalogue(ROOT).entries if f"`{key}`" not in reference] == []
    assert [name for name in command_names() if f"## nianbao {name}" not in commands] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def commands_in(text: str) -> list[str]:
    """Return the nianbao command lines of a page's fenced examples, comments cut off."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.M | re.S)
    lines = [line.removeprefix("$ ").split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(?:\.venv/bin/)?nianbao ", line)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_shown_is_one_the_program_takes(path: Path) -> None:
    for line in commands_in(path.read_text(encoding="utf-8")):
        _, name, *arguments = shlex.split(line)
        if name.startswith("-"):
            continue
        command = cli.cli.get_command(click.Context(cli.cli), name)
        assert command is not None, f"{path.name}: no such command: {line}"
        command.make_context(name, list(arguments), resilient_parsing=False)


@pytest.mark.parametrize("name", READMES)
def test_the_readme_shows_every_command_and_names_every_folder(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = {shlex.split(line)[1] for line in commands_in(text)}
    assert set(command_names()) <= shown
    assert [folder for folder in sorted(folders()) if f"{folder}/" not in text] == []
    listed = {found.split("/")[0] for found in re.findall(r"^([.a-z]+/\S*) {2,}", text, re.M)}
    assert listed - {"outputs"} <= folders()


def test_both_readmes_have_the_same_sections_and_examples() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    assert len(re.findall(r"^## ", english, re.M)) == len(re.findall(r"^## ", chinese, re.M))
    assert commands_in(english) == commands_in(chinese)


def test_the_picture_in_the_readme_is_small() -> None:
    assert (ROOT / "docs" / "images" / "report-page.png").stat().st_size < 200_000
    assert all("docs/images/report-page.png" in (ROOT / name).read_text(encoding="utf-8") for name in READMES)


def test_the_glossary_gives_one_noun_an_idea() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| [^|]+ \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.M)
    words = [(english, chinese) for english, chinese in rows if english not in ("English", "---")]
    assert len(words) > 30
    assert len({english for english, _ in words}) == len(words)
    assert len({chinese for _, chinese in words}) == len(words)


def test_decisions_are_dated_and_say_what_was_given_up() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    entries = re.split(r"^## ", text, flags=re.M)[1:]
    assert len(entries) >= 15
    dates = [re.match(r"(\d{4}-\d{2}-\d{2})\b", entry) for entry in entries]
    assert all(dates), "a decision opens with its date"
    assert [found[1] for found in dates if found] == sorted(found[1] for found in dates if found), "decisions are only appended"
    for entry in entries:
        title = entry.splitlines()[0]
        for part in ("**Context.**", "**Choice.**", "**Given up.**"):
            assert part in entry, f"{title}: {part}"


def test_the_examples_of_the_params_guide_are_what_params_take() -> None:
    guide = (ROOT / "docs" / "howto" / "params.md").read_text(encoding="utf-8")
    yearly, overrides, county, entries = (
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", guide, re.M | re.S)
    )
    known = load_catalogue(ROOT).entries
    place = {
        "key": "x",
        **dict.fromkeys(("zh", "en", "parent_zh", "parent_en", "office_zh", "office_en"), "x"),
        "level": "town",
    }
    township = Township.model_validate({**place, **yearly, **overrides})
    assert set(township.overrides) | set(township.years[2020].targets) <= set(known)
    above = Township.model_validate({**place, **county})
    assert set(above.members) <= set(township_keys(ROOT))
    assert {ref.partition("[")[0] for ref in above.years[2020].ranking} <= set(known)
    for key, entry in entries["elements"].items():
        Element.model_validate({"id": key, "area": "x", **entry})
    for key, entry in entries["indicators"].items():
        Indicator.model_validate({"id": key, "area": "x", **entry})


@pytest.mark.parametrize(
    "model", [Township, Village, YearParams, ReportParams, Attachment, Target, Override], ids=lambda model: model.__name__
)
def test_the_params_guide_names_every_key_of_a_townships_file(model: type[BaseModel]) -> None:
    guide = (ROOT / "docs" / "howto" / "params.md").read_text(encoding="utf-8")
    assert [key for key in model.model_fields if f"`{key}`" not in guide] == []


def test_the_township_of_the_tutorial_can_be_loaded() -> None:
    tutorial = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", tutorial, re.M | re.S)
    assert Township.model_validate({"key": "yunling", **yaml.safe_load(example)}).zh == "云岭镇"


def test_the_guide_to_findings_explains_every_code() -> None:
    guide = (ROOT / "docs" / "howto" / "findings.md").read_text(encoding="utf-8")
    codes: set[str] = set()
    for module in ("intake", "returnsheet", "checks", "consistency", "rollup", "edits"):
        for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and ast.unparse(node.func) in ("self.add", "self.refuse", "self.own.add", "Finding")
            ):
                constants = (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
                codes |= {code for code in constants if isinstance(code, str) and not code.endswith("-")}
    assert len(codes) > 20
    assert [code for code in sorted(codes) if f"`{code}`" not in guide] == []
