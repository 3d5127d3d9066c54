"""The two shells of a report as params ask for them: the plain summary, and the formal report that goes out as a letter.

The letter has what GB/T 9704-2012 asks of a report to a superior office: document number, recipient, signature, date, attachments.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from nianbao.fields import Model, Strings

SOURCES = "sources"
"""What params call the index of sources among the attachments; every other key is a chapter."""

_NUMBER = re.compile(r"[A-Za-z\u4e00-\u9fff]+〔[12]\d{3}〕[1-9]\d*号")


def _number(value: str) -> str:
    """Refuse what is no document number: office, year in six-corner brackets, running number without 第 and leading zeros."""
    if value and not _NUMBER.fullmatch(value):
        raise ValueError(
            "a document number is the office's short name, the year in six-corner brackets and the running number without 第 "
            "and without leading zeros, such as 青卫〔2020〕3号"
        )
    return value


def _addressee(value: str) -> str:
    """Refuse a recipient that brings its colon, which the report sets."""
    if value != value.strip() or value.endswith((":", "：")):
        raise ValueError("write the recipient without a colon and without spaces around it; the report sets the colon")
    return value


def _listed(value: str) -> str:
    """Refuse the title of an attachment that ends with punctuation or is empty."""
    if not value.strip() or value.rstrip().endswith(tuple("。，；、.,;")):
        raise ValueError("the title of an attachment is a few words without punctuation at its end")
    return value


Recipient = Annotated[str, AfterValidator(_addressee)]
AttachmentTitle = Annotated[str, AfterValidator(_listed)]


class Attachment(Model):
    """The title of an attachment."""

    zh: AttachmentTitle
    en: AttachmentTitle


class Part(Model):
    """A heading of a skeleton: above several chapters, in place of a chapter's own, or in place of a section's own."""

    zh: str
    en: str
    first: str = ""
    last: str = ""
    """With ``first``: the chapters from one to the other stand below the heading, each a level deeper."""
    chapter: str = ""
    """The heading takes the place of this chapter's."""
    section: str = ""
    """The heading takes the place of this section's, as one of the first level; the chapter's own heading falls away."""


class ShellParams(Model):
    """The shell of a place's reports, for all its years or for one; what is empty is left out or taken from the place."""

    shell: Literal["summary", "report"] = "summary"
    """``summary``: cover, contents, chapters. ``report``: a letter to ``recipient`` with signature, date and attachments."""
    office_zh: str = ""
    office_en: str = ""
    """Who signs, where it is not the place's office."""
    recipient_zh: Recipient = ""
    recipient_en: Recipient = ""
    letterhead_zh: str = ""
    letterhead_en: str = ""
    """The red head of the first page; empty where the office prints on paper that has one."""
    signer_zh: str = ""
    signer_en: str = ""
    """Who issues a document to a superior office, by name."""
    closing: bool = True
    """Whether the text ends with 特此报告。"""
    seal: bool = False
    """Whether the signature leaves room for a seal over it."""
    fonts: str = ""
    """Folder of the project with the office's own faces (仿宋_GB2312, 方正小标宋简体) for the PDF; empty for the shipped ones."""
    attachments: dict[str, Attachment] = Field(default_factory=dict)
    """What follows the signature, in order: chapters, and :data:`SOURCES`; unsaid for those of ``params/report.yml``."""


class ReportParams(ShellParams):
    """Cover and outline of one year's report."""

    period: Literal["", "year", "half_year"] = ""
    """What the report covers; empty to tell by the windows of its figures (:func:`nianbao.periods.reported`)."""
    title_zh: str = ""
    title_en: str = ""
    date: dt.date | None = None
    number: Annotated[str, AfterValidator(_number)] = ""
    """The document number of the letter, such as 青卫〔2020〕3号."""
    number_en: str = ""
    """The document number in English; empty to print ``number``."""
    chapters: Strings = ()
    skeleton: str = ""
    """A named order of chapters from ``params/report.yml``; ``chapters`` wins over it."""

    def over(self, usual: ShellParams) -> ReportParams:
        """Return these params with what the year leaves unsaid taken from those of all years."""
        said = {name: getattr(usual, name) for name in usual.model_fields_set if name not in self.model_fields_set}
        return self.model_copy(update=said)
