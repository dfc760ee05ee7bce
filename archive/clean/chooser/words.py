"""Words that tell what a part of a page is for: in the names of its elements, and in what it says.

Takes   an element's class and id, or a line of text.
Gives   a bit for each kind of word found (KINDS, SAYINGS).
Writes  nothing.

Names are mostly English wherever the paper is; Chinese sites also write pinyin. What a line says is looked for as whole
words, and as pairs of characters where words are not parted: both are look-ups in a table, since a search for some three
hundred words in each line of a page would cost more than everything else here.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Kinds of elements by class or id. The order is that of the bits, and of the features made of them.
_NAMES = {
    "text": (
        "article articles articlebody articletext articlecontent body bodytext content contents text txt story storybody"
        " entry post paragraph para prose copy richtext rich main detail details news editor neirong zhengwen wenzhang cnt"
        " endtext page art endcontent maintext newstext"
    ),
    "related": (
        "related relation relations relevant recommend recommended recommendation recommendations recirc recirculation"
        " readmore more morenews alsoread further also outbrain taboola xiangguan tuijian popular trending trend most"
        " mostread hot hotnews rank ranking paihang top latest list lists listing teaser teasers card cards promo promos"
        " onward suggest suggested suggestions hits next prev previous pager pagination links linklist zaker guess"
        " interest"
    ),
    "comment": (
        "comment comments commentlist disqus discussion reply replies respond pinglun forum feedback message gentie tie"
        " livefyre coral"
    ),
    "share": (
        "share sharing shares social sns bshare jiathis bdshare facebook twitter weibo weixin wechat whatsapp follow"
        " fenxiang qrcode qr like likes print email mail toolbar tool tools function fontsize actions action sharebar"
        " dianzan zan collect"
    ),
    "menu": (
        "nav navi navbar navigation menu submenu breadcrumb breadcrumbs crumb crumbs crumbtrail tabs tab daohang header"
        " head masthead topbar channel site logo search login user account skip topnav mbx weizhi path position language"
    ),
    "advert": (
        "ad ads adv advert adverts advertise advertisement advertising adbox adslot sponsor sponsored sponsors banner dfp"
        " gpt googlead promotion guanggao gg marketing commercial shop product deal deals affiliate"
    ),
    "caption": (
        "caption captions figcaption credit credits photo photos image images img figure gallery media video player"
        " slideshow picture lightbox pic pics tupian picinfo imgdesc thumb thumbnail audio source copyrightholder"
    ),
    "byline": (
        "byline author authors authorname writer contributor contributors bio profile meta metadata date dateline time"
        " datetime timestamp published pubtime info infos source laiyuan editor editors zebian byinfo postmeta about"
        " kicker overline category section eyebrow label labels"
    ),
    "footer": (
        "footer foot copyright copyrights disclaimer legal terms privacy bottom bq banquan shengming statement declare"
        " correction corrections impressum notes"
    ),
    "subscribe": (
        "subscribe subscription subscribers newsletter newsletters signup register registration paywall piano premium"
        " offer offers membership donate support app download apps notification push cta"
    ),
    "aside": (
        "sidebar side aside rail widget widgets column secondary complementary right left module block box inset factbox"
        " infobox pullquote sticky fixed"
    ),
    "overlay": (
        "modal popup popover overlay dialog cookie cookies consent gdpr hidden hide invisible tooltip dropdown offscreen"
        " sronly visuallyhidden screen hidden-text noscript alert toast"
    ),
    "tags": "tag tags keyword keywords topic topics taglist biaoqian hashtag hashtags terms themes theme subjects",
    "lead": (
        "lead lede intro introduction summary abstract standfirst subtitle subhead subheadline subheading dek deck"
        " excerpt teasertext description daodu zhaiyao zy chapo sommario ingress preamble"
    ),
    "title": "title titles headline heading hed biaoti h1 entrytitle pagetitle",
}
KINDS = tuple(_NAMES)

# What a line says. Latin words are whole words in lower case; the rest are pairs of characters.
_SAYINGS = {
    "related": (
        "read also more related recommended stories story lesen mehr thema lire aussi voir leggi anche lea leer más"
        " también lees les også läs mer čtěte xem thêm 相关 相關 推荐 推薦 延伸 阅读 閱讀 更多 热门 熱門 热点 排行 猜你"
        " 上一 下一 精彩 关联 関連 記事 おす ランキ 관련 추천 기사 watch listen don't miss trending latest"
    ),
    "comment": (
        "comment comments kommentar kommentare commentaires comentarios commenti reply replies 评论 評論 网友 留言 跟帖"
        " 回复 发表 コメ 댓글"
    ),
    "share": (
        "share tweet facebook twitter whatsapp email print teilen drucken partager imprimer compartir condividi pinterest"
        " linkedin reddit telegram weibo 分享 微信 朋友 微博 扫一 扫码 二维 打印 收藏 举报 点赞 复制 シェ 공유 follow"
        " instagram youtube"
    ),
    "copyright": (
        "copyright © rights reserved all reproduction droits rechte vorbehalten derechos reservados 版权 版權 转载 轉載"
        " 授权 授權 声明 聲明 免责 免責 违者 无断 無断 禁止 저작 무단 配信 terms privacy policy"
    ),
    "subscribe": (
        "subscribe subscription newsletter sign signup register login log abonnieren abo anmelden abonnez inscrivez"
        " suscríbete iscriviti app download unlock premium subscriber subscribers 订阅 訂閱 登录 登錄 注册 下载 下載 客户"
        " 关注 公众 会员 會員 登録 会員 ログ 구독 donate support"
    ),
    "caption": (
        "photo photos photograph photographer image images picture getty reuters afp ap dpa epa pa shutterstock alamy"
        " foto fotos bild bilder symbolbild file courtesy credit caption 图片 圖片 摄影 攝影 图为 圖為 资料 摄 写真 提供"
        " 撮影 사진"
    ),
    "editor": (
        "editor editors editing reporting reporter correspondent written contributed contributors von by redaktion author"
        " 编辑 編輯 责编 責編 责任 責任 记者 記者 作者 来源 來源 原标 通讯 审核 校对 기자"
    ),
    "advert": (
        "advertisement advertising anzeige werbung publicité publicidad pubblicità annonse annons sponsored ad 广告 廣告"
        " 赞助 推广 広告 광고 reklama iklan"
    ),
    "menu": (
        "home news menu search politics sport sports business opinion video videos live 首页 首頁 正文 您的 当前 位置"
        " 栏目 返回 导航 频道"
    ),
    "updated": (
        "updated published posted aktualisiert stand uhr modified ago min minutes read 更新 时间 發佈 发布 發布 字号 字體"
        " 字体 大小 公開 입력 수정"
    ),
    "note": "correction clarification disclaimer note article appeared originally 原标题 原題 注： 免责 本文 文章 观点 立场",
}
SAYINGS = tuple(_SAYINGS)

_PART = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")
_WORD = re.compile(r"[^\W\d_]+|©")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")

_KIND_OF: dict[str, int] = {}
for _bit, _words in enumerate(_NAMES.values()):
    for _word in _words.split():
        _KIND_OF[_word] = _KIND_OF.get(_word, 0) | 1 << _bit
_SAYING_OF: dict[str, int] = {}
for _bit, _words in enumerate(_SAYINGS.values()):
    for _word in _words.split():
        _key = _word[:2] if _WIDE.search(_word) else _word
        _SAYING_OF[_key] = _SAYING_OF.get(_key, 0) | 1 << _bit


@lru_cache(maxsize=8192)
def kinds_of(name: str) -> int:
    """Give the bits of KINDS that the words of a class or id stand for.

    >>> [KINDS[bit] for bit in range(len(KINDS)) if kinds_of("relatedLinks") >> bit & 1]
    ['related']
    """
    found = 0
    for part in _PART.findall(name):
        found |= _KIND_OF.get(part.lower(), 0)
    for word in name.lower().split():
        found |= _KIND_OF.get(word, 0) | _KIND_OF.get(word.replace("-", "").replace("_", ""), 0)
    return found


def sayings_of(text: str) -> list[float]:
    """Count the words of each of SAYINGS in a line."""
    counts = [0.0] * len(SAYINGS)
    lower = text.lower()
    keys = [word for word in _WORD.findall(lower) if word in _SAYING_OF]
    if not lower.isascii():
        keys += [pair for at in range(len(lower) - 1) if (pair := lower[at : at + 2]) in _SAYING_OF]
    for key in keys:
        bits = _SAYING_OF[key]
        for bit in range(len(counts)):
            if bits >> bit & 1:
                counts[bit] += 1
    return counts
