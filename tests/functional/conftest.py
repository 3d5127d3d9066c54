"""The built report, and copies of it that a test may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from built import Built, clone, maolin


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the report of Maolin 2020; read only."""
    return maolin(tmp_path_factory)


@pytest.fixture
def workshop(built: Built, tmp_path: Path) -> Built:
    """Return a project of the test's own with the report already built."""
    return clone(built, tmp_path / "project")
