"""The Word file in LibreOffice: it opens, keeps its headings and figures, and is as long as the PDF within two pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest

from built import Built
from printed import pdf_pages
from programs import from_office


@pytest.fixture(scope="module")
def converted(soffice: str, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the PDF that LibreOffice makes of the Word file with the shipped faces only."""
    return from_office(soffice, built.folder / "report.docx", to="pdf", folder=tmp_path_factory.mktemp("office"))


def test_it_is_as_long_as_the_pdf(converted: Path, built: Built) -> None:
    ours = len(pypdf.PdfReader(built.folder / "report.pdf").pages)
    theirs = len(pypdf.PdfReader(converted).pages)
    assert abs(ours - theirs) <= 2, (ours, theirs)


def test_it_shows_every_heading_and_no_empty_box(converted: Path, built: Built) -> None:
    text = "".join(line for page in pdf_pages(converted.read_bytes()) for line in page)
    missing = [tag.get_text() for tag in built.soup.select("main h2, main h3") if text.count(tag.get_text()) < 2]
    assert missing == []
    assert "\ufffd" not in text


def test_it_is_set_in_the_shipped_faces(converted: Path) -> None:
    """A face from elsewhere would mean that a style names one that nothing stands in for."""
    resources: list[Any] = [page["/Resources"] for page in pypdf.PdfReader(converted).pages]
    fonts = [font.get_object() for found in resources for font in found.get("/Font", {}).values()]
    faces = {str(font["/BaseFont"]).split("+")[-1] for font in fonts}
    assert faces
    assert not [face for face in faces if "Nianbao" not in face], faces
