"""How much a text looks like Chinese, Japanese or Korean that someone wrote, and not like bytes read by a wrong table.

Takes   a text. Gives a share from 0 to 1. Writes nothing.

Nearly any bytes beyond ASCII are pairs of some East Asian encoding, so that they decode proves little. What they decode to
does: half of the characters of any newspaper are a few hundred, which a wrong table hits by chance only.
"""

from __future__ import annotations

from collections import Counter

# The characters of modern texts from the most frequent down, as in the usual counts (Jun Da 2004).
FREQUENT = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多"
    "经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性"
    "知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次"
    "度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建"
    "务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路"
    "记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔"
)
# What of them the traditional script writes differently.
_TRADITIONAL = (
    "這個們來爲為國說時會對於過發後裏裡種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間問並應戰頭體見產話內給門兒東聲員論處義幾認條氣題爾別變總電數"
    "報結務場計資許統區隊決馬書則聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運筆"
)
# The commonest syllables of Korean, and the marks of East Asian sentences.
_HANGUL = (
    "이다는의에가을를은고하지사기도로리어서나아인시자한대수있그부해제정보일전라장면으들것주상과만조여스구용공원성비유국모년게우동"
    "오연신경물화방마문관중니거소와트요입세적"
)
_MARKS = "，。、；：？！“”‘’（）《》「」『』・ー·—…"
_KNOWN = frozenset(FREQUENT + _TRADITIONAL + _HANGUL + _MARKS)
_KANA = ("぀", "ヿ")
SAMPLE_CHARS = 6_000


def likeness(text: str) -> float:
    """Give the share of the characters beyond ASCII that are common in Chinese, Japanese or Korean; 0 where there are none.

    Of newspapers in either script, Japanese and Korean it is 0.45 and more; of a wrong table 0.15 and less (invented texts).

    >>> likeness("清晨六点，村里的水渠边已经有人走动。") > 0.45, likeness("娓呮櫒鍏偣锛屾潙閲岀殑姘存笭杈") < 0.15
    (True, True)
    """
    counts = Counter(char for char in text if char > "\x7f")
    sample, good = 0, 0
    for char, count in counts.items():
        sample += count
        if char in _KNOWN or _KANA[0] <= char <= _KANA[1]:
            good += count
    return good / sample if sample else 0.0
