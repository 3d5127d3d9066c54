"""Figures as SVG: reduced to what draws, so that a drawing can neither act on a page nor fetch anything.

Charts come from our own code, but their labels come from returns and a notebook may publish any SVG; both go through
here on the way into a document.
"""

from __future__ import annotations

import re

from lxml import etree

from nianbao.errors import ReportError

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_TAG_NAMES = (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath clipPath mask marker "
    "pattern image linearGradient radialGradient stop"
)
_DRAWING_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTE_NAMES = (
    "id style transform viewBox preserveAspectRatio width height x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy d points "
    "offset rotate textLength lengthAdjust startOffset href opacity fill fill-opacity fill-rule stroke stroke-width "
    "stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset clip-path "
    "clip-rule clipPathUnits mask maskUnits maskContentUnits marker-start marker-mid marker-end markerWidth "
    "markerHeight markerUnits refX refY orient patternUnits patternContentUnits patternTransform gradientUnits "
    "gradientTransform spreadMethod stop-color stop-opacity color visibility display overflow font font-family "
    "font-size font-style font-weight font-variant font-stretch letter-spacing word-spacing text-anchor "
    "dominant-baseline alignment-baseline baseline-shift text-decoration writing-mode vector-effect paint-order "
    "shape-rendering text-rendering"
)
_DRAWING_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_REFERENCE = re.compile(r"""url\(\s*(['"]?)#([^'")\s]+)\1\s*\)""")
_UNSAFE_STYLE = re.compile(r"url\(|expression|javascript:|[@\\<]", re.IGNORECASE)
_LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}(?![\d.eE])")
_PNG_ADDRESS = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]+")


def _reduced(svg: str, *, prefix: str) -> etree._Element:
    """Return an SVG reduced to what draws: known elements and attributes, references inside the drawing only.

    ``prefix`` is put before every identifier, so that drawings can share a page.  A style sheet inside the drawing would
    reach the whole page: it is dropped, and the two rules matplotlib puts there become attributes of the root.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(svg.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise ReportError(f"a figure's SVG cannot be read: {error}") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise ReportError(f"a figure's SVG starts with {root.tag!r} instead of svg")
    for element in list(root.iter()):
        tag = element.tag
        if not isinstance(tag, str) or not tag.startswith(f"{{{_SVG}}}") or etree.QName(tag).localname not in _DRAWING_TAGS:
            parent = element.getparent()
            if parent is not None:
                _drop(parent, element)
            continue
        if _XLINK_HREF in element.attrib:
            element.set("href", element.attrib[_XLINK_HREF])
        for name in list(element.attrib):
            value = _safe_value(etree.QName(tag).localname, str(name), str(element.attrib[name]), prefix=prefix)
            if value is None:
                del element.attrib[name]
            else:
                element.set(name, value)
    for name, value in (("stroke-linejoin", "round"), ("stroke-linecap", "butt")):
        if name not in root.attrib:
            root.set(name, value)
    etree.cleanup_namespaces(root)
    root.tail = None
    return root


def _drop(parent: etree._Element, element: etree._Element) -> None:
    """Remove an element but keep the text that follows it."""
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _safe_value(tag: str, name: str, value: str, *, prefix: str) -> str | None:
    """Return an attribute's value with prefixed references, None when the attribute must go."""
    if name not in _DRAWING_ATTRIBUTES:
        return None
    if name == "id":
        return prefix + value
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if tag == "image" and _PNG_ADDRESS.fullmatch(value) else None
    if _UNSAFE_STYLE.search(_REFERENCE.sub("", value)):
        return None
    return _REFERENCE.sub(lambda match: f"url(#{prefix}{match.group(2)})", value)


def _lightened(root: etree._Element) -> None:
    """Take out of a drawing what draws nothing: names nobody refers to, white space between elements, digits below a hundredth."""
    used = {
        match.group(2)
        for element in root.iter()
        for value in element.attrib.values()
        for match in _REFERENCE.finditer(str(value))
    }
    used |= {str(element.get("href"))[1:] for element in root.iter() if element.get("href")}
    for element in root.iter():
        if "id" in element.attrib and element.get("id") not in used:
            del element.attrib["id"]
        if "d" in element.attrib:
            rounded = _LONG_DECIMAL.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), str(element.get("d")))
            element.set("d", " ".join(rounded.split()))
        if "style" in element.attrib:
            element.set("style", str(element.get("style")).replace("; ", ";").replace(": ", ":"))
        inside_text = etree.QName(element).localname in ("text", "tspan", "textPath")
        if not inside_text and element.text and not element.text.strip():
            element.text = None
        parent = element.getparent()
        between = parent is not None and etree.QName(parent).localname not in ("text", "tspan", "textPath")
        if between and element.tail and not element.tail.strip():
            element.tail = None


def words(svg: str) -> str:
    """Return the text an SVG draws."""
    root = _reduced(svg, prefix="")
    return "".join("".join(map(str, text.itertext())) for text in root.iter(f"{{{_SVG}}}text"))


def standalone(svg: str) -> bytes:
    """Return an SVG as a file that draws and does nothing else."""
    return etree.tostring(_reduced(svg, prefix=""), encoding="utf-8", xml_declaration=True)


def inline(svg: str, *, prefix: str, alt: str, width_mm: float) -> str:
    """Return an SVG for a page: identifiers under ``prefix``, read out as ``alt``, ``width_mm`` wide."""
    root = _reduced(svg, prefix=prefix)
    if "viewBox" not in root.attrib:
        sizes = [re.sub(r"[a-z%]+$", "", str(root.get(name, ""))) for name in ("width", "height")]
        if not all(sizes):
            raise ReportError(f"the figure “{alt}” has neither viewBox nor width and height")
        root.set("viewBox", f"0 0 {sizes[0]} {sizes[1]}")
    if "height" in root.attrib:
        del root.attrib["height"]
    root.set("width", str(round(width_mm * 96 / 25.4)))
    root.set("role", "img")
    root.set("aria-label", alt)
    _lightened(root)
    title = etree.Element(f"{{{_SVG}}}title")
    title.text = alt
    root.insert(0, title)
    return etree.tostring(root, encoding="unicode")
