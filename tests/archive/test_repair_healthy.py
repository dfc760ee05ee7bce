"""Healthy text stays as it is: a false mend is worse than damage left, since nobody looks for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_texts import SENTENCES
from opencc import OpenCC

from archive.clean.reading import read_page
from archive.clean.repair import Mended, looks_damaged, mend
from archive.clean.rules import Rules

TRUTH = Path(__file__).parents[3] / "shared" / "extraction" / "truth.jsonl"


def test_264_healthy_articles_need_no_repair():
    """Articles of many languages as people read them."""
    if not TRUTH.exists():
        pytest.skip("the corpus is not here")
    with TRUTH.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].split("\n") for line in lines]
    repairs = [repair for text in texts for repair in mend(text).repairs]

    assert len(texts) == 264
    assert repairs == []


@pytest.mark.soak
def test_264_healthy_pages_need_no_repair():
    """The same as they stand on their pages: with hints where to part words, spaces of no width, attributes escaped twice."""
    if not TRUTH.exists():
        pytest.skip("the corpus is not here")
    pages = {path.name.removesuffix(".html.gz"): path for path in (TRUTH.parent / "pages").iterdir()}
    mended = []
    for name, path in sorted(pages.items()):
        reading = read_page(
            gzip.decompress(path.read_bytes()), url="https://news.example/1", content_type="text/html", rules=Rules()
        )
        mended += [(name, repair) for repair in getattr(reading, "repairs", ())]

    assert len(pages) == 264
    assert mended == []


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("Der Bundes\u00adkanzler sprach über die Donau\u00addampf\u00adschiff\u00adfahrt.", None),
        ("Die \u00adOnlineplattform „Pan-\u00adAfrican“", None),
        ("Auf\u200clage und Schiff\u200cfahrt", None),
        ("\ufeff\u200b水渠修好了，\u200b他说：\u2060“好。”\u200b", None),
        ("©\u200bAgencia LOF/\u200bdpa, 24\u200b/7, the \u200ciPhone 11\u200c and 12", None),
        ("f\u2061(x)=2\u2062x", None),
        ("รัฐบาล\u200bไทย\u200bประกาศ", "รัฐบาล\u200bไทย\u200bประกาศ"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200f(\u06a9\u062a\u0627\u0628)\u200e",
            "می\u200cخواهم \u200f(کتاب)\u200e",
        ),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 与 \U0001f469\u200d\U0001f4bb",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿 与 👩\u200d💻",
        ),
        ("ᠮᠣᠩᠭᠣᠯ\u180eᠠ", "ᠮᠣᠩᠭᠣᠯ\u180eᠠ"),
    ],
)
def test_typography_that_nobody_sees_leaves_in_silence_or_stays_where_a_script_needs_it(text, now):
    """As white space is tidied without a word: it is nobody's damage. Unseen it would part words for search."""
    unseen = "\u00ad\u200b\u200c\u2060\u2061\u2062\ufeff"
    expected = now or "".join(char for char in text if char not in unseen)

    assert Mended((expected,)) == mend([text])


@pytest.mark.parametrize(
    "text",
    [
        "鲁迅写的是阿Q(ā Q)，后来有人念作阿贵(ā guì)。",
        "石桥村在䢵(yún)河南岸，村东有一座垸(yuàn)子，村西有座墚(liáng)，老人又叫它峁(mǎo)，坡上长着薤(xiè)和莙荙(jūn dá)。",
        "第一课：我(wǒ)们(men)学(xué)习(xí)汉(hàn)语(yǔ)，你(nǐ)和(hé)他(tā)也(yě)学(xué)。",
        "第一課：我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，你(nǐ)和(hé)他(tā)也(yě)來(lái)。",
        "“行”字有两读：银行(háng)的行和行(xíng)走的行。长(cháng)短与长(zhǎng)大也是这样，还有重(zhòng)量和重(chóng)复。",
        "調用函數()之前先檢查參數()，再看返回值()。",
        "春 chūn 眠 mián 不 bù 觉 jué 晓 xiǎo， 处 chù 处 chù 闻 wén 啼 tí 鸟 niǎo。",
        "你nǐ好hǎo，我wǒ是shì小xiǎo明míng。银行 yínháng 行走 xíngzǒu。",
        "什么？为什么?",
        "他问:你来吗?(sì)是四声。",
    ],
)
def test_pinyin_that_the_author_wrote_stays(text):
    """A name, a rare place, a lesson: the brackets are the author's own words."""
    assert Mended((text,)) == mend([text])


def test_taiwanese_text_stays_traditional():
    """Text of Taiwan or Hong Kong is not a mirror's, even where it explains a character or two."""
    text = [OpenCC("s2tw").convert(sentence) for sentence in SENTENCES]
    text[3] += "鱟(hòu)是古老的節肢動物，當地人也叫它馬蹄蟹。樂(yuè)師姓樂(yuè)，不姓樂(lè)。"

    assert Mended(tuple(text)) == mend(text)


@pytest.mark.parametrize(
    "text",
    [
        "网页里的引号写作“&ldquo;”，空格写作&nbsp;，这是HTML的规矩。",
        "转义之后，`&lt;p&gt;`不再是标签。",
        "见 https://example.org/find?a=1&copy;=2 一页。",
        "In HTML one writes &eacute; for é and &nbsp; for a space that does not break, she told the class.",
        "He typed &copy; into the box and got a sign; &nbsp; gave him nothing he could see.",
        "Every angle bracket was spelled &lt; or it vanished. Type &nbsp; to get a space.",
        "张三&李四;王五&nosuch;公司，R&D;部门。",
        "乱码“锟斤拷”是怎样来的？",
        "U+FFFD 的两份 UTF-8 编码被读作锟斤拷，未初始化的内存则是烫烫烫；“浣犲ソ”本是“你好”。",
        "Mojibake: é becomes Ã©, ü becomes Ã¼, and ’ becomes â€™ when UTF-8 is read as Latin-1.",
        "在HTML中，标签写作&amp;lt;p&amp;gt;，经过一次解码以后才显示为读者看到的样子&lt;p&gt;。",
        "据统计[1]，共有三千人[2]。函数f[]与数组a[]见附录[b]。",
        "銘鐫鎸鏤，涓涓細流，鏄、鍦、浜皆僻字。濮阳县渠村乡，瀹、濂、娴、鐧。",
        "１２日、東京都は新たに３５人の感染を確認した。Ｊ１第３４節、浦和２－１鹿島。",
        "Ông Nguyễn Văn Đức. Příliš žluťoučký kůň úpěl ďábelské ódy. Kæmi ný öxi hér, ykist þjófum nú. Zażółć gęślą.",
        "O café é bom; “MAÇÔ, não; Ação à noite, ÀÉÈÙÂÊÎÔÛ.",
        "می‌خواهم بروم. 👨‍👩‍👧 हिन्दी में क्‍ष।",
        "銀鈴鐺、鑰匙、鐵鎖、鍋鏟、釘錘、鋼釺、銅鏡、錫壺、鉛筆、鎢絲，鑲嵌鏤刻鍍鉻。",
    ],
)
def test_what_only_looks_like_damage_stays(text):
    """Text about entities, addresses, accented capitals, scripts that need joiners, rare characters."""
    assert Mended((text,)) == mend([text])


@given(st.lists(st.sampled_from(SENTENCES), max_size=20))
def test_invented_healthy_text_does_not_even_look_damaged(sentences):
    """The pre-check spares healthy text all further work."""
    assert not looks_damaged("\n".join(sentences))


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60), max_size=6))
def test_any_text_is_taken_without_an_error(paragraphs):
    """Whatever a page holds, the cleaner goes on; the number of paragraphs stays."""
    mended = mend(paragraphs)

    assert len(mended.paragraphs) == len(paragraphs)
    assert looks_damaged("\n".join(paragraphs)) or not mended.repairs


@given(st.text(alphabet="網絡國日報會?(（)）wǎng luòbào;&ampldquo\ufffd€A浾摰□的，。1", max_size=80))
def test_the_letters_of_damage_in_any_order_are_taken_without_an_error(text):
    """Damage is never as neat as its description."""
    proof = "網(wǎng)絡(luò)強(qiáng)國，網(wǎng)絡(luò)動(dòng)態(tài)，對(duì)網(wǎng)絡(luò)負(fù)責(zé)。" * 3

    assert mend([proof, text]).paragraphs[0].startswith("网络强国，网络动态，对网络负责。")
