"""What the commands share: options, the language of what is printed, and printing without what names a person."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import click

from nianbao.masking import masked, masked_path, without_typed
from nianbao.project import open_elsewhere

YEARS = click.IntRange(1900, 2099)
"""Years a report may be of: four digits; anything else is a slip of the hand."""


def _spoken(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Note the language of a command, so that :func:`main` tells a refusal in it too."""
    context.find_root().ensure_object(dict)["lang"] = value
    return value


def lang_option(what: str, *, given: bool = True) -> Callable[[Any], Any]:
    """Return the option that chooses a language, read before the others; with ``given`` the command gets it too."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        is_eager=True,
        callback=_spoken,
        expose_value=given,
        help=what,
    )


YEAR = click.option("--year", type=YEARS, required=True, metavar="Y", help="Reporting year.")


LANG = lang_option("Language of what is printed.")


def say(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text without what names a person: of figures only words that were typed are hidden, of messages any number of a person."""
    shown = without_typed(text, sys.argv[1:])
    click.echo(masked(shown) if err else shown, nl=nl, err=err)


def width_of(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def tell_open(root: Path, files: Sequence[Path], lang: str) -> None:
    """Say which files are open in a spreadsheet program: what is not saved there is in no figure."""
    for path in files:
        if open_elsewhere(path):
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
            shown = masked_path(name)
            say(
                f"{shown}：该表格似乎正在Excel或WPS中打开，尚未保存的改动没有读入"
                if lang == "zh"
                else f"{shown}: the workbook seems to be open in a spreadsheet program; changes not saved yet were not read",
                err=True,
            )
