"""Names of months, and other words and signs of dates, as newspapers of many languages print them.

Takes   text.
Gives   MONTHS: a name in small letters -> its number; plain_digits: the same text, of the same length, with the digits 0-9;
        western_years: years of an era or of another calendar made years of the common one.
Writes  nothing.
"""

from __future__ import annotations

import re
import unicodedata

# Genitives too, which Slavic and Greek dates use. A name that means two months in two languages is left out.
_NAMES = """
jan january januar janvier enero gennaio janeiro januari ene janv jän jänner gen gener ianuarie ocak oca stycznia stycz
ledna leden januára január január. tammikuuta tammikuu jaanuar jaanuari janvāris janvārī sausio januara siječnja января
янв січня януари јануар ιανουαρίου ιαν يناير जनवरी জানুয়ারি ינואר มกราคม ม.ค ژانویه януар

feb february februar février febrero febbraio fevereiro februari févr fevr fev febr febrer februarie şubat şub lutego lut
února únor februára február helmikuuta helmikuu veebruar veebruari februāris februārī vasario februara veljače февраля фев
лютого февруари фебруар φεβρουαρίου φεβ فبراير फरवरी फ़रवरी ফেব্রুয়ারি פברואר กุมภาพันธ์ ก.พ فوریه

mar march märz mars marzo março maart mrz mär març martie mart marca mar. března březen marec március márc maaliskuuta
maaliskuu märts märtsi marts martā kovo marta ožujka марта мар березня март μαρτίου μαρ مارس मार्च মার্চ מרץ มีนาคม มี.ค

apr april avril abril aprile abr avr aprilie nisan nis kwietnia kwi dubna duben apríla április ápr huhtikuuta huhtikuu
aprill aprilli aprīlis aprīlī balandžio aprila travnja апреля апр квітня април απριλίου απρ أبريل ابريل अप्रैल এপ্রিল
אפריל เมษายน เม.ย آوریل

mai may mayo maggio maio mei mag maj maig mayıs maja května květen mája május máj toukokuuta toukokuu maijs maijā gegužės
svibnja мая май травня мај μαΐου μάιου μαϊ مايو मई মে מאי พฤษภาคม พ.ค مه

jun june juni juin junio giugno junho giu juny iunie haziran haz czerwca cze června červen júna június jún kesäkuuta
kesäkuu juuni juunī jūnijs jūnijā birželio juna lipnja июня июн червня юни јун ιουνίου ιουν يونيو जून জুন יוני มิถุนายน
มิ.ย ژوئن

jul july juli juillet julio luglio julho juil lug juliol iulie temmuz tem lipca července červenec júla július júl
heinäkuuta heinäkuu juuli jūlijs jūlijā liepos jula srpnja июля июл липня юли јул ιουλίου ιουλ يوليو जुलाई জুলাই יולי
กรกฎาคม ก.ค ژوئیه

aug august août agosto augustus augusti aout ago agost ağustos ağu sierpnia sie srpna srpen augusta augusztus elokuuta
elokuu augustā augusts rugpjūčio avgusta avgust kolovoza августа авг серпня август αυγούστου αυγ أغسطس اغسطس अगस्त আগস্ট
אוגוסט สิงหาคม ส.ค اوت

sep sept september septembre septiembre settembre setembro set setembre septembrie eylül eyl września wrz září szeptember
szept syyskuuta syyskuu septembri septembris septembrī rugsėjo septembra rujna сентября сен вересня септември септембар
σεπτεμβρίου σεπ سبتمبر सितंबर सितम्बर সেপ্টেম্বর ספטמבר กันยายน ก.ย سپتامبر

oct october oktober octobre octubre ottobre outubro okt ott out octombrie ekim eki października paź října říjen októbra
október lokakuuta lokakuu oktoober oktoobri oktobris oktobrī spalio oktobra октября окт жовтня октомври октобар οκτωβρίου
οκτ أكتوبر اكتوبر अक्टूबर अक्तूबर অক্টোবর אוקטובר ตุลาคม ต.ค اکتبر

nov november novembre noviembre novembro noiembrie kasım kas listopadu novembra marraskuuta marraskuu novembri novembris
novembrī lapkričio studenoga ноября ноя листопада ноември новембар νοεμβρίου νοε نوفمبر नवंबर नवम्बर নভেম্বর נובמבר
พฤศจิกายน พ.ย نوامبر

dec december dezember décembre diciembre dicembre dezembro dez dic déc des desember desembre decembrie aralık ara grudnia
gru prosince prosinec decembra joulukuuta joulukuu detsember detsembri decembris decembrī gruodžio prosinca декабря дек
грудня декември децембар δεκεμβρίου δεκ ديسمبر दिसंबर दिसम्बर ডিসেম্বর דצמבר ธันวาคม ธ.ค دسامبر
"""
MONTHS = {name: number for number, names in enumerate(_NAMES.split("\n\n"), 1) for name in names.split()}

# Hours from UTC of zones by their abbreviation; one with two meanings (CST, IST) is none.
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "MEZ": 1, "WEST": 1, "WAT": 1, "CEST": 2, "MESZ": 2, "EET": 2, "SAST": 2,
    "EEST": 3, "MSK": 3, "МСК": 3, "WIB": 7, "ICT": 7, "WITA": 8, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "BRT": -3,
}  # fmt: skip

_OTHER_DIGIT = re.compile(r"[^\W\D]|[０-９：／．－]")
_MARKS = str.maketrans("：／．－", ":/.-")
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_ERA = re.compile(r"(令和|平成|昭和|民國|民国|พ\.ศ\.)\s*(\d{1,4}|元)\s*(?=[年./]|$)")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911, "พ.ศ.": -543}
_BUDDHIST = re.compile(r"(?<=[ก-๙.] )(2[45]\d\d)(?!\d)")


def plain_digits(text: str) -> str:
    """Write Arabic, Indic and full-width digits as 0-9; places in the text stay as they are.

    >>> plain_digits("٢٤ فبراير ２０３１")
    '24 فبراير 2031'
    """
    if text.isascii():
        return text
    return _OTHER_DIGIT.sub(lambda match: _plain(match.group()), text)


def western_years(text: str) -> str:
    """Write years of an era, Buddhist years and dates in Han numerals as the common calendar's.

    >>> western_years("令和13年3月5日"), western_years("二〇三一年三月十五日"), western_years("5 มีนาคม 2574")
    ('2031年3月5日', '2031年3月15日', '5 มีนาคม 2031')
    """
    if text.isascii():
        return text
    if "年" in text:
        text = _HAN_DATE.sub(_han_date, text)
    text = _ERA.sub(lambda match: str(_ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))), text)
    return _BUDDHIST.sub(lambda match: str(int(match[1]) - 543), text) if "\u0e01" <= max(text) else text


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, -1)
    return str(digit) if digit >= 0 else character.translate(_MARKS)


def _han_date(match: re.Match[str]) -> str:
    return f"{match[1].translate(_HAN_DIGITS)}年{_han_number(match[2])}月{_han_number(match[3])}日"


def _han_number(text: str) -> int:
    """Read a number of up to three Han numerals: 五, 十五, 二十, 二十五, 三〇."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(text.translate(_HAN_DIGITS))
    return 10 * (int(tens.translate(_HAN_DIGITS)) if tens else 1) + (int(ones.translate(_HAN_DIGITS)) if ones else 0)
