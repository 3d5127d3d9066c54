"""The reports that are measured: the four samples, and a demonstration county with its town."""

from __future__ import annotations

import os
import shutil

import pytest

from built import Built, county, maolin, samples

SAMPLES = ("maolin", "town-a", "town-d", "bagongshan")
DEMONSTRATION = ("shifan", "qingshi")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the report of Maolin 2020; read only."""
    return maolin(tmp_path_factory)


@pytest.fixture(scope="session", params=[*SAMPLES, *DEMONSTRATION])
def each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return each of the reports in turn; read only."""
    place = request.param
    return (samples if place in SAMPLES else county)(tmp_path_factory)[place]


@pytest.fixture(scope="session")
def soffice() -> str:
    """Return the path of LibreOffice; without it the test is left out, on CI (NIANBAO_CI=1) it fails."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        if os.environ.get("NIANBAO_CI") == "1":
            pytest.fail("LibreOffice is not installed; a CI machine must have it")
        pytest.skip("LibreOffice is not installed")
    return found
