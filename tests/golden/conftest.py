"""The built report, for the tests that read it."""

from __future__ import annotations

import pytest

from built import Built, maolin


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the report of Maolin 2020; read only."""
    return maolin(tmp_path_factory)
