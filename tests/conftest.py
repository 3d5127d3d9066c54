"""Fixtures every tier shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from county import Project, build_project, shipped_catalogue
from nianbao.catalogue import Catalogue

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a fresh project with the county's towns and no return yet."""
    return build_project(tmp_path)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the catalogue the repository ships."""
    return shipped_catalogue()
