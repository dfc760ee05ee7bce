"""BibTeX: an @article of the newspaper, else @misc. The fields are those of biblatex and natbib: url, urldate, note.

Takes a Citation. Gives: an entry. Writes nothing.
"""

from __future__ import annotations

import re
from typing import Final

from .citation import Citation

_ESCAPES: Final = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{sign: f"\\{sign}" for sign in "#$%&_"},
}  # fmt: skip
_SPECIAL: Final = re.compile(r"[\\{}~^#$%&_]")
_NOT_IN_A_KEY: Final = re.compile(r"[^A-Za-z0-9.:+-]")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def to_bibtex(one: Citation) -> str:
    """Write the entry. Names stand in braces of their own: BibTeX would take a Chinese name apart."""
    year, month = (one.published[0], _MONTHS[one.published[1] - 1]) if one.published else (None, None)
    kind = "article" if one.newspaper and year else "misc"
    fields = {
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in one.authors),
        "title": f"{{{_escaped(one.title)}}}",
        "journal" if kind == "article" else "howpublished": _escaped(one.newspaper or ""),
        "editor": f"{{{_escaped(one.editor)}}}" if one.editor else "",
        "series": _escaped(one.series),
        "number": "" if one.position is None else str(one.position),
        "date": "-".join(f"{part:02d}" for part in one.published),
        "year": "" if year is None else str(year),
        "language": one.language,
        "url": one.url,
        "urldate": f"{one.captured:%Y-%m-%d}",
        "note": _escaped(one.note),
    }
    lines = [f"  {name} = {{{text}}},\n" for name, text in fields.items() if text]
    if month:
        lines.insert(-4, f"  month = {month},\n")  # a macro, which styles write in their language
    return f"@{kind}{{{_NOT_IN_A_KEY.sub('-', one.id)},\n{''.join(lines)}}}\n"


def _escaped(text: str) -> str:
    r"""Write what TeX would take for a command so that it is printed; braces by name, for BibTeX counts escaped ones too.

    >>> _escaped("50% {a_b}")
    '50\\% \\textbraceleft{}a\\_b\\textbraceright{}'
    """
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)
