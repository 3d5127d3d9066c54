"""A report's Word file edited as an office edits it: words changed, paragraphs added, deleted, moved, split and joined."""

from __future__ import annotations

import copy
import re
import zipfile
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.text.paragraph import Paragraph

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


class WordFile:
    """A Word document a test edits; paragraphs are named by words they begin with or hold."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.document: Document = docx.Document(str(path))

    @property
    def texts(self) -> list[str]:
        """The words of every paragraph of the body, in order."""
        return [paragraph.text for paragraph in self.document.paragraphs]

    def find(self, words: str) -> Paragraph:
        """Return the one body paragraph that holds ``words`` and is no line of the contents."""
        found = [one for one in self.document.paragraphs if words in one.text and not one.style.name.lower().startswith("toc")]
        assert len(found) == 1, f"{len(found)} paragraphs hold {words!r}: {[one.text for one in found]}"
        return found[0]

    def change(self, words: str, old: str, new: str) -> None:
        """Put ``new`` in place of ``old`` in a paragraph, its bookmark kept, all its runs made one as Word may do."""
        paragraph = self.find(words)
        text = paragraph.text
        assert old in text
        self._write(paragraph, text.replace(old, new))

    @staticmethod
    def _write(paragraph: Paragraph, text: str) -> None:
        first, *others = paragraph.runs
        for run in others:
            run._r.getparent().remove(run._r)
        first.text = text

    def rewrite(self, words: str, text: str) -> None:
        """Write a paragraph anew, its bookmark kept."""
        self._write(self.find(words), text)

    def add(self, after: str, text: str) -> None:
        """Add a paragraph below another, without a bookmark, as one typed in Word."""
        below = self.find(after)
        made = OxmlElement("w:p")
        if below._p.pPr is not None and below.style.name == "Body Text":
            made.append(copy.deepcopy(below._p.pPr))
        below._p.addnext(made)
        Paragraph(made, below._parent).add_run(text)

    def delete(self, words: str) -> None:
        """Delete a paragraph with its bookmark."""
        paragraph = self.find(words)._p
        paragraph.getparent().remove(paragraph)

    def move(self, words: str, *, after: str) -> None:
        """Cut a paragraph and paste it below another, its bookmark with it."""
        self.find(after)._p.addnext(self.find(words)._p)

    def split(self, words: str, at: str) -> None:
        """Make two paragraphs of one: the second begins with ``at``; the bookmark ends in the second."""
        paragraph = self.find(words)
        head, _, tail = paragraph.text.partition(at)
        self._write(paragraph, head)
        second = OxmlElement("w:p")
        paragraph._p.addnext(second)
        Paragraph(second, paragraph._parent).add_run(at + tail)
        for end in paragraph._p.findall(qn("w:bookmarkEnd")):
            second.append(end)

    def join(self, first: str, second: str) -> None:
        """Make one paragraph of two: the bookmark of the second stands inside the first."""
        upper, lower = self.find(first)._p, self.find(second)._p
        for child in list(lower):
            if child.tag != qn("w:pPr"):
                upper.append(child)
        lower.getparent().remove(lower)

    def unmark(self, words: str) -> None:
        """Take the bookmark off a paragraph, as typing over the whole of it may do."""
        paragraph = self.find(words)._p
        for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
            for mark in paragraph.findall(qn(tag)):
                paragraph.remove(mark)

    def track(self, words: str, old: str, new: str) -> None:
        """Change words with changes tracked: the old deleted, the new inserted."""
        paragraph = self.find(words)
        before, _, after = paragraph.text.partition(old)
        self._write(paragraph, before)
        where = f'xmlns:w="{W}" w:id="900" w:author="office"'
        anchor = paragraph.runs[0]._r
        tail = parse_xml(f'<w:r xmlns:w="{W}"><w:t>{after}</w:t></w:r>')
        for element in (
            tail,
            parse_xml(f"<w:ins {where}><w:r><w:t>{new}</w:t></w:r></w:ins>"),
            parse_xml(f"<w:del {where}><w:r><w:delText>{old}</w:delText></w:r></w:del>"),
        ):
            anchor.addnext(element)

    def save(self, path: Path | None = None) -> Path:
        """Write the document, in place or elsewhere, and return where."""
        target = path or self.path
        self.document.save(str(target))
        return target


def without_record(source: Path, target: Path) -> Path:
    """Write a copy of a Word file without its custom XML, as a document made by hand is."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("customXml/"):
                continue
            if name == "word/_rels/document.xml.rels":
                content = re.sub(rb"<Relationship [^>]*customXml[^>]*/>", b"", content)
            if name == "[Content_Types].xml":
                content = re.sub(rb"<Override [^>]*customXml[^>]*/>", b"", content)
            new.writestr(name, content)
    return target
