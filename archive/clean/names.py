"""Personal names and offices as Chinese newspapers print them.

Takes   words of a byline.
Gives   whether a word is a name, whether words are an office, and the names of a list of names.
Writes  nothing.
"""

from __future__ import annotations

import re

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董"
    "梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮"
    "龚程邢裴陆荣翁荀羊惠甄曲封芮储靳邴松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎"
    "蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿"
    "阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠"
    "须丰巢关蒯相查后荆红游竺权逯盖益桓公付闫肖佟覃冼丘亓仝代冒佘初门尧展岳帅战揭隋晋楚权楼海涂滑矫简线肇闪阳雪靖锁阿"
    "趙錢孫馮陳褚衛蔣韓楊許呂張嚴華魏謝鄒喻雲蘇範魯韋馬鳳費薛賀羅畢鄔樂時齊餘顧黃蕭汪禹貝計談龐紀項藍閔強賈婁顏鐘駱淩萬盧莫經應鄧單諸"
    "龔陸榮儲車寧仇欒厲劉詹龍葉黎賴喬闡譚勞連習魚廣關遊權葉鄭吳齊潁闕聶關簡饒曾沙豐查後荊紅"
)
_COMPOUND = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|司空|夏侯|端木|百里|呼延|独孤|南宫|西门"
    "|完颜|耶律|拓跋|轩辕|濮阳|淳于|单于|太叔|申屠|澹台|公冶|宗政|赫连|纳兰|那拉|钟离|闾丘|鲜于|万俟|第五|呼和"
    "|歐陽|司馬|諸葛|東方|長孫|鍾離|軒轅"
)
NAME_WORDS = 5  # of a name in a script that parts words, particles not counted
# What stands between the words of a name: María del Pilar Ibáñez de la Hoz.
PARTICLES = frozenset(
    ("de", "da", "do", "dos", "das", "del", "della", "dello", "di", "du", "des", "la", "le", "los", "las", "van", "von", "der",
     "den", "ter", "ten", "zu", "zum", "bin", "ibn", "al", "el", "y", "e", "af")
)  # fmt: skip
_HAN = r"\u3400-\u9fff\U00020000-\U0002fa1f"
_DOTTED = re.compile(rf"^[{_HAN}]{{1,6}}(?:[·•・‧][{_HAN}]{{1,8}}){{1,4}}$")
_DESK = re.compile("^[^·•・‧]{1,6}[部局]・")  # of a Japanese paper, before the name
_PLAIN = re.compile(rf"^[{_HAN}]{{2,3}}$")
_FOUR = re.compile(rf"^(?:{_COMPOUND})[{_HAN}]{{1,2}}$")
# Three characters that end so are a place, an office of state or a trade: 宣传部, 水管员.
_NO_NAME_END = re.compile("^..[省市县縣區区镇鎮局厅廳部處处委院校所站馆館社厂廠報报网網版员員匠柜]$")
_SAID = re.compile(rf"^(?!.*(?:报道|摄影|编辑|来源|责编|整理|通讯|本报|供图|发自|全文|字数|阅读))[{_HAN}]{{2,5}}$")
_SPACED = re.compile(r"^[^\W\d_][^\W\d_]*[.'’-]?(?:[^\W\d_]|[.'’-])*(?: (?:[^\W\d_]|[.'’-])+){1,7}$")

OFFICE_END = (
    "主任|書記|书记|市长|县长|区长|省长|镇长|乡长|村长|部长|局长|处长|科长|厅长|司长|院长|校长|所长|站长|馆长|台长|社长|会长|组长|队长|团长|行长"
    "|秘书长|理事长|董事长|检察长|总经理|经理|总裁|主席|委员|委員|常委|代表|教授|讲师|研究员|院士|博士后?|硕士|研究生|学者|专家|作家|诗人|律师"
    "|医生|医师|工程师|教师|老师|学生|记者|記者|通讯员|通訊員|评论员|干部|政委|司令员|庭长|法官|检察官|巡视员|调研员|专员|负责人|发言人|顾问|导演"
    "|主编|總編|总编辑?|撰稿人|总监|总工|主管|理事|参事|馆员|护渠员|观察员|领导|同志|市長|縣長|區長|部長|局長|處長|院長|校長|會長|教授|研究員|總裁"
)
_OFFICE = re.compile(rf"(?:{OFFICE_END})(?:[（(][^（）()]{{1,12}}[)）])?$")
_BODY_OF_MEN = re.compile(
    r"(?:市委|省委|县委|区委|党委|工委|党组|支部|政府|办公室|网信办|管理办|网管办|[部委局院所厅处办社]|大学|学院|中心|公司|集团|协会|学会|中学|小学|医院|研究院|报社)$"
)
# What a word for a person ends in, of whatever trade: 水管员, 闸工, 守灯人, 摊主, 掌柜.
_PERSON_END = re.compile(
    "(?:[员員工师師人手匠长長夫农農者士民医醫警兵翁娘童倌]|[作专專艺藝画畫书法科企玩评藏]家|[铺鋪摊攤店户戶船馆坊园窑班业]主|学生|医生|教练|掌柜|老板|支书"
    "|会计|出纳|司机)$"
)
WORDY = re.compile("[的了是这這那我你他她它们們也很么吗呢啊把被]")  # words of sentences, which no office holds
_CREDIT = re.compile(r"(?<![\u3400-\u9fff])(?:文[/／、]?\s?[图摄]影?|图[/／、]?\s?文|文|图|摄)(?![\u3400-\u9fff])")
_NAME_GAP = re.compile(r"[\s、，,/／;；&]+|(?<=[\u3400-\u9fff]{2})[和与及](?=[\u3400-\u9fff]{2})")


def is_name(word: str) -> bool:
    """Tell whether a word can be a person's name: a Chinese one of 2-4 characters, or parts joined by ·.

    >>> is_name("林渡"), is_name("何·买买提"), is_name("主任"), is_name("今日要闻")
    (True, True, False, False)
    """
    if (_DOTTED.match(word) and not _DESK.match(word)) or _FOUR.match(word):
        return True
    return (
        bool(_PLAIN.match(word)) and word[0] in _SURNAMES and not _OFFICE.search(word) and not _NO_NAME_END.match(word)
    )


def begins_as_a_name(word: str) -> bool:
    """Tell whether a word is a surname and one or two characters, though it may end as places and trades do: 蒋三省."""
    return bool(_PLAIN.match(word)) and word[0] in _SURNAMES and not _OFFICE.search(word)


def is_spaced_name(words: str) -> bool:
    """Tell whether words can be a name in a script that parts words by spaces: two to five words without digits.

    >>> is_spaced_name("Jane O’Neill-Doe"), is_spaced_name("Page 2"), is_spaced_name("Staff")
    (True, False, False)
    """
    return (
        len(words) <= 60 and bool(_SPACED.match(words)) and 1 < sum(map(_counts_in_name, words.split())) <= NAME_WORDS
    )


def _counts_in_name(word: str) -> bool:
    return word not in PARTICLES


def is_office(words: str) -> bool:
    """Tell whether words end as an office (…主任) or a body of men (…宣传部) does."""
    if not 2 <= len(words) <= 60 or WORDY.search(words):
        return False
    return bool(_OFFICE.search(words) or (len(words) >= 4 and _BODY_OF_MEN.search(words)))


def ends_in_office(words: str) -> bool:
    """Tell whether words end in the word of an office (主任, 教授, 记者)."""
    return bool(_OFFICE.search(words))


def names_a_person(words: str) -> bool:
    """Tell whether words end in one for a person by trade or post, known here or not.

    >>> names_a_person("临溪县东渠闸工"), names_a_person("青石摊摊主"), names_a_person("渠水流过")
    (True, True, False)
    """
    return bool(_PERSON_END.search(words) or _OFFICE.search(words))


def is_surname(character: str) -> bool:
    """Tell whether one character is a surname that is known here."""
    return character in _SURNAMES


def words_of(text: str) -> list[str]:
    """Part a byline into words; single characters that follow a surname are one spaced-out name (张　三, 宋 二 丽).

    >>> words_of("记者 张　三、李四"), words_of("丁 一　宋 二 丽")
    (['记者', '张三', '李四'], ['丁一', '宋二丽'])
    """
    parts = list(filter(None, _NAME_GAP.split(_CREDIT.sub(" ", text))))
    words: list[str] = []
    at = 0
    while at < len(parts):
        length = _spaced_out(parts[at : at + 4])
        words.append("".join(parts[at : at + length]))
        at += length
    return words


def _spaced_out(parts: list[str]) -> int:
    """Give how many of the parts, from the first on, are one name set with blanks; 1 where none is.

    A third character is the name's unless it begins the next one: it is a surname, and another single one follows.
    """
    single = [len(part) == 1 for part in parts]
    if not all(single[:2]) or len(parts) < 2 or parts[0] not in _SURNAMES:
        return 1
    if len(parts) == 2 or not single[2]:
        return 2
    return 2 if parts[2] in _SURNAMES and single[3:] == [True] else 3


def leading_names(text: str, *, said: bool = False) -> list[str]:
    """Read names from the start of a text until a word is none.

    said: the text is said to be names (it follows 作者：, or 记者 in brackets), so that names without a surname that is
    known here count too: 格桑边觉, a pen name.

    >>> leading_names("苏砚秋、林渡 文/图")
    ['苏砚秋', '林渡']
    """
    names: list[str] = []
    for word in words_of(text):
        joined = _joined_names(word)
        if joined:
            names += joined
            continue
        if not is_name(word) and not (said and _SAID.match(word) and not _OFFICE.search(word)):
            break
        names.append(word)
    return names


def _joined_names(word: str) -> list[str]:
    """Part two names printed as one word (罗科苏盈): each begins with a surname; a compound surname is one name.

    >>> _joined_names("罗科苏盈"), _joined_names("欧阳小川"), _joined_names("苏砚秋林渡")
    (['罗科', '苏盈'], [], ['苏砚秋', '林渡'])
    """
    if len(word) not in (4, 5, 6) or is_name(word):
        return []
    cuts = (3, 2) if len(word) < 6 else (3,)
    for cut in cuts:
        pair = [word[:cut], word[cut:]]
        if all(map(is_name, pair)):
            return pair
    return []
