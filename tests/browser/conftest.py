"""The programs readers open a report with, and npm for the rules pages are judged by.

Without them the tests that need them are left out; on CI (NIANBAO_CI=1) they fail.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from built import Built, maolin

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "soffice": ("soffice", "libreoffice"),
    "npm": ("npm",),
}
"""Each program by the fixture that needs it, and the commands it may answer to."""
_LEFT_OUT: dict[str, int] = {}


def command_of(program: str) -> str | None:
    """Return the path of a program, or None where the machine has none."""
    return next((path for name in PROGRAMS[program] if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, unless it is a CI machine."""
    if os.environ.get("NIANBAO_CI") == "1":
        return
    here = Path(__file__).parent
    absent = [program for program in PROGRAMS if command_of(program) is None]
    gone = [
        item
        for item in items
        if here in item.path.parents and any(program in getattr(item, "fixturenames", ()) for program in absent)
    ]
    for program in absent:
        _LEFT_OUT[program] = sum(program in getattr(item, "fixturenames", ()) for item in gone)
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


def pytest_report_collectionfinish() -> list[str]:
    """Say before the run what was left out, and why."""
    return [
        f"browser tests: {program} is not installed, {count} tests left out (NIANBAO_CI=1 makes this a failure)"
        for program, count in _LEFT_OUT.items()
    ]


def required(program: str) -> str:
    """Return the path of a program or fail the test."""
    command = command_of(program)
    if command is None:
        pytest.fail(f"{program} is not installed; a CI machine must have it")
    return command


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser's path."""
    return required("chromium")


@pytest.fixture(scope="session")
def soffice() -> str:
    """Return LibreOffice's path."""
    return required("soffice")


@pytest.fixture(scope="session")
def npm() -> str:
    """Return the path of npm, which fetches the rules pages are judged by."""
    return required("npm")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the report of Maolin 2020; read only."""
    return maolin(tmp_path_factory)
