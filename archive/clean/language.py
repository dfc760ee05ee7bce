"""Which language a text is in.

Takes   text, and what the page says of its language.
Gives   a short code ("zh", "en"), None where nothing tells.
Writes  nothing.
"""

from __future__ import annotations

import re

from resiliparse.parse.lang import detect_fast

SAMPLE_CHARS = 4_000
HEAD_CHARS = 800  # of which half being Han, with no kana or hangul, leave no doubt
PROOF_CHARS = 150  # below this the detector guesses (its own documentation biases shorter texts)
DOUBTFUL_RANK = 1_000  # its distance from which on the page's own word counts more

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")


def detect_language(text: str, told: str | None = None) -> str | None:
    """Detect the language of a text.

    told: short code of the page's lang attribute; it decides where the text is short or doubtful, for templates are
    often left at "en". Han, kana and hangul are counted, for the script tells more than the detector does there.

    >>> detect_language("清晨六点，渠边已经有人走动。", "en")
    'zh'
    """
    head = text[:HEAD_CHARS]
    if 2 * sum(map(len, _HAN_RUN.findall(head))) > len(head) and not _OTHER_SCRIPT.search(head):
        return "zh"
    sample = text[:SAMPLE_CHARS]
    letters = len(_LETTER.findall(sample))
    if not letters:
        return told
    kana, hangul, han = (len(script.findall(sample)) for script in (_KANA, _HANGUL, _HAN))
    if hangul > 0.3 * letters:
        return "ko"
    if kana > 0.1 * letters:
        return "ja"
    if han > 0.4 * letters:
        return "zh"
    detected, rank = detect_fast(sample)
    sure = detected != "unknown" and (letters >= PROOF_CHARS and rank < DOUBTFUL_RANK)
    if sure or told is None:
        return str(detected) if detected != "unknown" else told
    return told
