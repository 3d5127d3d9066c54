"""One YAML file of ``params/`` read strictly: every fault at once, each with its line, unknown keys with the nearest valid name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from nianbao.errors import did_you_mean
from nianbao.files.personal import NAMES, personal_number

_M = TypeVar("_M", bound=BaseModel)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """A safe loader; duplicates are found on the node tree, where the line is known."""


def read_params(
    path: Path,
    root: Path,
    model: type[_M],
    faults: list[str],
    *,
    inject: Mapping[str, Any] | None = None,
    entries_of: str = "",
) -> _M | None:
    """Return a params file as a validated model, or None with every fault of it added to ``faults`` as ``file:line: what; what to do``.

    ``inject`` adds keys the file does not write (its own name); ``entries_of`` gives elements and indicators their id and area.
    """
    where = path.relative_to(root).as_posix()
    if not path.exists():
        faults.append(f"{where}: file not found; it is part of every nianbao project")
        return None
    try:
        content_bytes = path.read_bytes()
    except OSError as error:
        faults.append(f"{where}: {error.strerror}; grant permission to read it")
        return None
    try:
        text = content_bytes.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content_bytes.count(b"\n", 0, error.start) + 1
        faults.append(
            f"{where}:{line}: not in UTF-8 (saved as GBK or ANSI?); in the editor choose Save As with the encoding UTF-8"
        )
        return None
    if persons := list(_persons(text, where)):
        faults.extend(persons)  # and nothing else of the file, so that no message repeats one
        return None
    try:
        node = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        faults.append(
            f"{where}:{line}: not valid YAML ({getattr(error, 'problem', None) or error}); check indentation and quotes"
        )
        return None
    found = [f"{where}:{line}: key {key!r} occurs twice; keep one" for key, line in _duplicates(node)]
    if not isinstance(content, dict):
        faults.append(f"{where}:1: expected a mapping of keys, found {type(content).__name__}")
        return None
    content = {**content, **(inject or {})}
    if entries_of:
        for group in ("elements", "indicators"):
            if isinstance(content.get(group), dict):
                content[group] = {
                    key: {"id": key, "area": entries_of, **value} if isinstance(value, dict) else value
                    for key, value in content[group].items()
                }
    made: _M | None = None
    try:
        made = model.model_validate(content)
    except ValidationError as error:
        for fault in error.errors():
            steps = tuple(fault["loc"])
            found.append(f"{where}:{_line_of(node, steps)}: {'.'.join(str(step) for step in steps)}: {_explain(fault, model)}")
    faults.extend(found)
    return None if found else made


_LONG = re.compile(
    r"\d(?:[\W_]*[\dXx.]){6}|[０-９〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖](?:\W*[０-９〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖]){6}"
)
"""A run of digits long enough to look at closely; few lines of a params file have one."""


def _persons(text: str, where: str) -> Iterator[str]:
    """Yield a fault for every line that holds the number of a person, without the number."""
    if not _LONG.search(text):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if _LONG.search(line) and (kind := personal_number(line)):
            yield f"{where}:{number}: the line seems to hold a {NAMES[kind][1]}; delete it: settings and reports name no person"


def _explain(fault: Any, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        known = _fields_at(model, fault["loc"][:-1])
        return f"unknown key{did_you_mean(str(fault['loc'][-1]), known)}"
    if fault["type"] == "missing":
        return "required, but missing"
    if "input" in fault and not isinstance(fault["input"], (dict, list)):
        return f"{fault['msg']}, found {fault['input']!r}"
    return str(fault["msg"])


def _fields_at(model: type[BaseModel], steps: Iterable[Any]) -> list[str]:
    """Return the keys allowed at a place of a model, for spelling help; unknown places give none."""
    place: Any = model
    for step in steps:
        if isinstance(place, type) and issubclass(place, BaseModel):
            info = next((info for name, info in place.model_fields.items() if (info.alias or name) == str(step)), None)
            place = info.annotation if info else None
        else:
            place = next(
                (arg for arg in getattr(place, "__args__", ()) if isinstance(arg, type) and issubclass(arg, BaseModel)),
                None,
            )
    if not (isinstance(place, type) and issubclass(place, BaseModel)):
        place = next((a for a in getattr(place, "__args__", ()) if isinstance(a, type) and issubclass(a, BaseModel)), None)
    return [info.alias or name for name, info in place.model_fields.items()] if place else []


def _duplicates(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item)


def _line_of(node: yaml.Node | None, steps: Iterable[Any]) -> int:
    line = 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def line_at(path: Path, steps: Iterable[Any]) -> int:
    """Return the line on which a place of a params file stands, given the keys and list positions that lead to it."""
    return _line_of(yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader), steps)


def lines_at(path: Path, places: Sequence[Sequence[Any]]) -> list[int]:
    """Return the line of each of several places, as :func:`line_at`; the file is read once, and not at all for none."""
    if not places:
        return []
    node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    return [_line_of(node, steps) for steps in places]


def key_lines(path: Path) -> dict[tuple[str, str], int]:
    """Return the line of every key of the two upper levels of a params file, by ``(group, key)``; of the first, the group is ``""``."""
    node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    marks: dict[tuple[str, str], int] = {}
    if isinstance(node, yaml.MappingNode):
        for group, content in node.value:
            marks["", group.value] = group.start_mark.line + 1
            if isinstance(content, yaml.MappingNode):
                marks.update({(group.value, key.value): key.start_mark.line + 1 for key, _ in content.value})
    return marks
