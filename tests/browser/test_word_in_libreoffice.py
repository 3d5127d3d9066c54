"""The Word file in LibreOffice: it opens, keeps its headings and figures, and is as long as the PDF within two pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest

from built import ROOT, Built
from printed import pdf_pages
from programs import answer_of

FACES = ROOT / "lib" / "nianbao" / "faces"
STANDS_IN = {
    "仿宋_GB2312": "Nianbao Song",
    "仿宋": "Nianbao Song",
    "宋体": "Nianbao Song",
    "方正小标宋简体": "Nianbao Song",
    "方正小标宋_GBK": "Nianbao Song",
    "楷体_GB2312": "Nianbao Kai",
    "楷体": "Nianbao Kai",
    "黑体": "Nianbao Hei",
    "Times New Roman": "Nianbao Song",
}
"""The faces a Chinese office has, and the shipped ones of the same width that stand in for them here."""


@pytest.fixture(scope="module")
def converted(soffice: str, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the PDF that LibreOffice makes of the Word file with the shipped faces only."""
    folder = tmp_path_factory.mktemp("office")
    aliases = "".join(
        f'<match target="pattern"><test name="family"><string>{face}</string></test>'
        f'<edit name="family" mode="assign" binding="strong"><string>{ours}</string></edit></match>'
        for face, ours in STANDS_IN.items()
    )
    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{FACES}</dir><cachedir>{folder / 'cache'}</cachedir>{aliases}</fontconfig>",
        encoding="utf-8",
    )
    out, err = answer_of(
        [
            soffice,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(built.folder / "report.docx"),
        ],
        seconds=300,
        env={"FONTCONFIG_FILE": str(config), "HOME": str(folder)},
    )
    made = folder / "report.pdf"
    assert made.exists(), out + err
    return made


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
