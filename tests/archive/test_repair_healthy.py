"""Healthy text stays as it is: a false mend is worse than damage left, since nobody looks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_texts import SENTENCES
from opencc import OpenCC

from archive.clean.repair import Mended, looks_damaged, mend

TRUTH = Path(__file__).parents[3] / "shared" / "extraction" / "truth.jsonl"


def test_264_healthy_articles_need_no_repair():
    """Articles of many languages as people read them: at most a character that nobody sees is taken out."""
    if not TRUTH.exists():
        pytest.skip("the corpus is not here")
    with TRUTH.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].split("\n") for line in lines]
    repairs = [repair for text in texts for repair in mend(text).repairs]

    assert len(texts) == 264
    assert {"invisible characters"} >= {repair.why for repair in repairs}
    assert len(repairs) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "鲁迅写的是阿Q(ā Q)，后来有人念作阿贵(ā guì)。",
        "石桥村在䢵(yún)河南岸，村东有一座垸(yuàn)子，村西有座墚(liáng)，老人又叫它峁(mǎo)，坡上长着薤(xiè)和莙荙(jūn dá)。",
        "第一课：我(wǒ)们(men)学(xué)习(xí)汉(hàn)语(yǔ)，你(nǐ)和(hé)他(tā)也(yě)学(xué)。",
        "第一課：我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，你(nǐ)和(hé)他(tā)也(yě)來(lái)。",
        "“行”字有两读：银行(háng)的行和行(xíng)走的行。长(cháng)短与长(zhǎng)大也是这样，还有重(zhòng)量和重(chóng)复。",
        "調用函數()之前先檢查參數()，再看返回值()。",
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
        "张三&李四;王五&nosuch;公司，R&D;部门。",
        "乱码“锟斤拷”是怎样来的？",
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
