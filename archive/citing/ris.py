"""RIS, which Zotero, EndNote and Mendeley take: a newspaper article (TY  - NEWS).

Takes a Citation. Gives: one reference. Writes nothing.

Source: "RIS Format Specifications" (Research Information Systems, 2001), with the tags of its revision of 2011.
"""

from __future__ import annotations

from .citation import Citation


def to_ris(one: Citation) -> str:
    """Write the reference. A second UR is the address of the capture, where the reading room is known."""
    day = "/".join(f"{part:02d}" for part in one.published)
    lines = [
        ("TY", "NEWS"),
        *(("AU", name) for name in one.authors),
        ("TI", one.title),
        ("T2", one.newspaper),
        ("T3", one.series),
        ("ED", one.editor),
        ("PY", str(one.published[0]) if one.published else None),
        ("DA", day),
        ("IS", None if one.position is None else str(one.position)),
        ("LA", one.language),
        ("UR", one.url),
        ("UR", one.archived),
        ("Y2", f"{one.captured:%Y/%m/%d}"),
        ("AN", one.record),
        ("N1", one.note),
        ("ID", one.id),
    ]
    return "".join(f"{tag}  - {text}\r\n" for tag, text in lines if text) + "ER  - \r\n"
