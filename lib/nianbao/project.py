"""Where a project lies, which townships it has and which of their files are open elsewhere, told without reading any of them."""

from __future__ import annotations

from pathlib import Path

from nianbao.errors import UserError


def project_root(start: Path | None = None) -> Path:
    """Return the folder above ``start`` (default: here) that holds ``params/catalogue``.

    Raises:
        UserError: no such folder.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "params" / "catalogue").is_dir():
            return folder
    raise UserError(
        f"{here} is not inside a nianbao project: no params/catalogue in it or above it; go to the project's folder",
        zh=f"{here}不在年报项目文件夹里（此处及上级都没有params/catalogue）；请先进入项目文件夹",
    )


def township_keys(root: Path) -> list[str]:
    """Return the keys of all townships, sorted."""
    return sorted(path.stem for path in (root / "params" / "townships").glob("*.yml"))


LOCK_MARKS = ("~$", ".~")
"""How the names of the locks begin that Excel, WPS and LibreOffice leave beside an open workbook."""
_LOCKS = ("~${}", ".~{}", ".~lock.{}#")


def open_elsewhere(path: Path) -> bool:
    """True where Excel, WPS or LibreOffice left the lock of an open workbook beside a file: what is not saved is not in the file."""
    return any(path.with_name(form.format(path.name)).exists() for form in _LOCKS)


def files_open_elsewhere(root: Path, township: str, year: int) -> list[Path]:
    """Return the files of a township's return of ``year`` that are open in a spreadsheet program, in order."""
    home = root / "data" / township
    found = []
    for folder in (home, home / str(year)):
        try:
            names = [path.name for path in folder.iterdir()]
        except OSError:
            continue
        if any(name.startswith(LOCK_MARKS) for name in names):
            own = (folder / name for name in sorted(names) if not name.startswith(LOCK_MARKS))
            found += [
                path for path in own if (folder != home or path.stem == str(year)) and path.is_file() and open_elsewhere(path)
            ]
    return found
