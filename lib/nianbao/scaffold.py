"""A new township: its file under ``params/townships``, from the official list of divisions or by hand, written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

from nianbao import divisions
from nianbao.catalogue import Township, Village
from nianbao.divisions import Division
from nianbao.errors import ParamsError, UsageError, UserError
from nianbao.yamlfile import read_params

Level = Literal["town", "county", "district", "city"]
LEVELS: tuple[Level, ...] = ("town", "county", "district", "city")
_KEY = re.compile(r"^[a-z][a-z0-9-]*$")
_DUMMY = "虚拟"
"""Marks entries of the official list that stand for a statistical area without a committee."""
_SAFE = re.compile(r"^\w[\w'’ .()（）·、-]*(?<! )$")
_SPECIAL = re.compile(r"^(?:true|false|yes|no|on|off|null|~|[\d.+-].*)$", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """What is known of a new township before its file is written.

    ``left_out`` are entries of the official list that are taken for no villages.
    """

    key: str
    zh: str
    en: str
    level: Level
    parent_zh: str = ""
    parent_en: str = ""
    code: str = ""
    villages: tuple[Village, ...] = ()
    left_out: tuple[str, ...] = ()


def draft(
    key: str,
    *,
    name: str = "",
    code: str = "",
    parent: str = "",
    level: Level | None = None,
    en: str = "",
    villages: Sequence[str] | None = None,
) -> Draft:
    """Return the description of a new township.

    ``code`` or ``name`` (with ``parent`` where the name alone is not unique) is looked up in the official list; both together take the
    place of the code under another name.  A name that is not in the list needs ``villages``: names in order, an empty list for none.

    Raises:
        UsageError: neither name nor code is given.
        UserError: the key is unusable, the place is unknown or ambiguous, or is a province or village.
    """
    if not _KEY.match(key):
        raise UserError(
            f"key {key!r}: expected lower-case letters, digits and hyphens, a letter first, for example yunling",
            zh=f"代号“{key}”：只能用小写字母、数字和连字符，以字母开头，例如 yunling",
        )
    if not name and not code:
        raise UsageError(
            f"{key}: give the place's --name or its official --code",
            zh=f"{key}：请用 --name 写名称，或用 --code 写行政区划代码",
        )
    above = _parent(parent)
    found = _place(name, code, above, by_hand=villages is not None)
    if found is None:
        kind = level or "town"
        parent_zh = divisions.full_name(above) if above else parent
        parent_en = divisions.english_address(above) if above else ""
        return Draft(key, name, en or _english(name, key), kind, parent_zh, parent_en, "", _by_hand(villages or (), {}))
    if found.level in (1, 5):
        what = "a village" if found.level == 5 else "a province"
        raise UserError(
            f"{divisions.full_name(found)} ({found.code}) is {what}; a township, county or city is described here",
            zh=f"{divisions.full_name(found)}（{found.code}）是{'村（居）' if found.level == 5 else '省级'}；这里只能建乡镇、县区或市",
        )
    zh = name if name and code else found.name
    kind = level or _level(found)
    lineage = divisions.lineage(found)
    over = lineage[-2] if len(lineage) > 1 else None
    listed, left_out = _official(found) if kind == "town" else ((), ())
    if villages is not None:
        known = {form: village for village in listed for form in (village.zh, *village.aliases)}
        listed, left_out = _by_hand(villages, known), ()
    return Draft(
        key,
        zh,
        en or _english(zh, key),
        kind,
        divisions.full_name(over) if over else "",
        divisions.english_address(over) if over else "",
        found.code,
        listed,
        left_out,
    )


def _parent(text: str) -> Division | None:
    """Return the division a parent is given by; None for none, or for one that is not in the list."""
    found = divisions.find(text) if text else ()
    if len(found) > 1:
        raise UserError(
            f"--parent {text}: {_choices(found)}; give its code", zh=f"--parent {text}：{_choices_zh(found)}；请写代码"
        )
    if not found and text.isdigit():
        raise UserError(
            f"--parent {text}: no division has this code in the list of {divisions.EDITION}; check it, or give a name",
            zh=f"--parent {text}：{divisions.EDITION}年区划名单中没有这个代码；请核对，或写名称",
        )
    return found[0] if found else None


def _place(name: str, code: str, above: Division | None, *, by_hand: bool) -> Division | None:
    if code:
        found = divisions.division(code)
        if found is None:
            raise UserError(
                f"--code {code}: no such code in the list of {divisions.EDITION}; expected 4, 6 or 9 digits, for example 341823101; "
                "check it, or give --name and --villages",
                zh=f"--code {code}：{divisions.EDITION}年区划名单中没有这个代码；应为4、6或9位数字，例如341823101；"
                "请核对，或改用 --name 和 --villages",
            )
        return found
    matches = [item for item in divisions.find(name) if item.level in (2, 3, 4)]
    if above:
        matches = [item for item in matches if item.code.startswith(above.code)]
    if len(matches) == 1:
        return matches[0]
    if by_hand:
        return None
    if matches:
        raise UserError(
            f"--name {name}: {_choices(matches)}; give --code, or --parent",
            zh=f"--name {name}：{_choices_zh(matches)}；请写 --code 或 --parent",
        )
    near = divisions.nearest_names(f"{divisions.full_name(above) if above else ''}{name}")
    hint, hint_zh = (f"; nearest: {', '.join(near)}", f"；相近的有：{'、'.join(near)}") if near else ("", "")
    raise UserError(
        f"--name {name}: not in the list of {divisions.EDITION}{hint}; check the name, or for a place outside the list name its villages: "
        "--villages 甲村,乙村 (--villages '' for none)",
        zh=f"--name {name}：{divisions.EDITION}年区划名单中没有{hint_zh}；请核对名称；"
        "不在名单中的，用 --villages 甲村,乙村 写出各村（没有村的写 --villages ''）",
    )


def _choices(found: Sequence[Division]) -> str:
    shown = ", ".join(f"{divisions.full_name(item)} ({item.code})" for item in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return f"{len(found)} places have this name: {shown}{more}"


def _choices_zh(found: Sequence[Division]) -> str:
    shown = "、".join(f"{divisions.full_name(item)}（{item.code}）" for item in found[:8])
    return f"有{len(found)}处同名：{shown}{'等' if len(found) > 8 else ''}"


def _level(found: Division) -> Level:
    if found.level == 4:
        return "town"
    if found.level == 2:
        return "city"
    return "district" if found.name.endswith("区") else "county"


def _english(name: str, key: str) -> str:
    return divisions.english_name(name) or key.capitalize()


def _official(found: Division) -> tuple[tuple[Village, ...], tuple[str, ...]]:
    """Return the villages of a township with the last three digits of their code as key, and the entries that are no villages."""
    made: list[Village] = []
    taken: set[str] = set()
    listed = divisions.children(found)
    for item in listed:
        if _DUMMY in item.name:
            continue
        zh = item.name if item.short in taken else item.short
        taken.add(zh)
        aliases = (item.name,) if item.name != zh else ()
        made.append(Village(key=item.code[-3:], zh=zh, en=divisions.english_name(zh) or zh, aliases=aliases))
    return tuple(made), tuple(item.name for item in listed if _DUMMY in item.name)


def _by_hand(names: Sequence[str], known: dict[str, Village]) -> tuple[Village, ...]:
    """Return villages in the order named: the official one where the name is known, running numbers as keys for the others."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UserError(
            f"--villages names {', '.join(repeated)} twice; name each village once",
            zh=f"--villages 中{'、'.join(repeated)}写了两次；每个村只写一次",
        )
    used = {known[name].key for name in names if name in known}
    free = (str(number) for number in range(1, 10_000) if str(number) not in used)
    return tuple(
        _called(known[name], name)
        if name in known
        else Village(key=next(free), zh=name, en=divisions.english_name(name) or name)
        for name in names
    )


def _called(village: Village, name: str) -> Village:
    """Return the village called ``name``, with its other names as aliases."""
    others = tuple(form for form in (village.zh, *village.aliases) if form != name)
    return village.model_copy(update={"zh": name, "en": divisions.english_name(name) or name, "aliases": others})


def township_yaml(made: Draft, *, year: int | None = None) -> str:
    """Return the file of a new township as a person would write it: one line a village, dates and targets left to the office."""
    office_zh, office_en = (
        ("卫生健康办公室", "Health Office") if made.level == "town" else ("卫生健康委员会", "Health Commission")
    )
    origin = (
        f"Code and villages from the official list of {divisions.EDITION}; correct what has changed since."
        if made.code
        else "Described by hand; it is not in the official list of divisions."
    )
    lines = [
        f"# {made.zh}: what its returns and reports need beyond the catalogue. {origin}",
        f"zh: {_scalar(made.zh)}",
        f"en: {_scalar(made.en)}",
        f"level: {made.level}",
        f"parent_zh: {_scalar(made.parent_zh)}",
        f"parent_en: {_scalar(made.parent_en)}",
        f"office_zh: {_scalar(made.zh + office_zh)}",
        f"office_en: {_scalar(f'{made.en} {office_en}')}",
        f'code: "{made.code}"',
    ]
    if made.villages:
        lines += [
            "",
            '# The key is what the dimension "village" holds in a return; keep it when a village is renamed.',
            "villages:",
        ]
        lines += [f"  - {_village(village)}" for village in made.villages]
    if year is not None:
        lines += [
            "",
            "years:",
            f"  {year}:",
            "    report:",
            "      # The date on the cover; an outline of your own goes here too: skeleton: a, or a list of chapters.",
            f"      date: {year}-12-31",
        ]
    return "\n".join(lines) + "\n"


def _village(village: Village) -> str:
    parts = [f'key: "{village.key}"', f"zh: {_scalar(village.zh)}", f"en: {_scalar(village.en)}"]
    if village.aliases:
        parts.append(f"aliases: [{', '.join(_scalar(alias) for alias in village.aliases)}]")
    return "{" + ", ".join(parts) + "}"


def _scalar(text: str) -> str:
    """Return text as YAML, quoted only where it would mean something else."""
    if _SAFE.match(text) and not _SPECIAL.match(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write_township(made: Draft, *, root: Path, year: int | None = None) -> Path:
    """Write the file of a new township and its folder for returns; return the path of the file.

    The file is written beside its place, read back as nianbao will read it, and put in place in one step; nothing existing is replaced.

    Raises:
        UserError: the township has a file already.
        ParamsError: what was written would not load.
    """
    path = root / "params" / "townships" / f"{made.key}.yml"
    if path.exists():
        raise UserError(
            f"params/townships/{made.key}.yml exists already and was left as it is; edit it, choose another key, or delete it first",
            zh=f"params/townships/{made.key}.yml已经存在，未作改动；请直接修改它，或换一个代号",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(mkdtemp(prefix=f".{made.key}-", dir=path.parent))
    try:
        staged = stage / path.name
        staged.write_text(township_yaml(made, year=year), encoding="utf-8")
        faults: list[str] = []
        if read_params(staged, root, Township, faults, inject={"key": made.key}) is None:
            raise ParamsError("\n".join(faults))
        folder = root / "data" / made.key
        fresh = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            os.link(staged, path)  # unlike a rename, a link never takes the place of another file
        except FileExistsError:
            if fresh:
                folder.rmdir()
            raise UserError(
                f"params/townships/{made.key}.yml was written by someone else just now and left as it is",
                zh=f"params/townships/{made.key}.yml刚刚被别人写入，未作改动",
            ) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return path
