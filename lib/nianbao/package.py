"""Zip packages (Office files) that are the same bytes whenever they are written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def repack(package: bytes, *, replaced: Mapping[str, bytes]) -> bytes:
    """Return the package with fixed dates, order and compression; ``replaced`` gives members new content by their name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(packed, "w") as target:
        # The content types come first, as Office writes them: some readers recognise the format by it.
        for name in sorted(source.namelist(), key=lambda entry: (entry != "[Content_Types].xml", entry)):
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.create_system = 0
            stored = name.endswith(".png")
            member.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            target.writestr(member, replaced.get(name) or source.read(name), compresslevel=None if stored else 6)
    return packed.getvalue()
