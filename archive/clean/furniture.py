"""Lines that stand within or below any text of a site, and change by the hour: counters, calls to follow, to share, to subscribe.

Takes   one line.
Gives   whether it is such a line and nothing else.
Writes  nothing.

A line is told by all of its words: an article may speak of readers, and of newsletters. The cleaner leaves these lines out of the
text, and two readings are compared without them, since a profile's CSS may name an element that holds them.
"""

from __future__ import annotations

import re
from functools import cache

COUNTER_CHARS = 80  # a longer line is text
ANY_TEXT_CHARS = 200  # the same
EDGES = " \t\u3000\xa0*|·•—–-（）()"

# Lines that count readers or minutes: 阅读 1,234 次 · 12 条评论 · 3 min read · Updated 5 minutes ago · 5分钟前更新.
# Each sign that may also stand between two counters is taken once and for all: else a line of "赞1 " has four readings an item.
_NUMBER = r"\d[\d,，.]*+\s*+(?:[万亿kKmMw]|\+)*"
_COUNTED = (
    r"(?:本文|文章|已有|共有|共|当前|累计)?(?:阅读|阅读量|阅读数|浏览|浏览量|浏览次数|点击|点击量|点击数|点击率|"
    r"访问|人气|评论|评论数|跟贴|跟帖|点赞|赞|喜欢|收藏|转发|分享|推荐|热度|热力值|下载|下载次数|附件下载次数|參與|参与|在看|閱讀|瀏覽|點擊|點讚|評論)"
    r"(?:量|数|次数|人数)?"
)
_SEEN = r"(?:viewed|read|shared|opened|liked)"
_TEXT = r"(?:story|article|post|page|piece|report)"
_TOOL = r"[\[【]\s*(?:我要)?(?:打印|关闭|收藏|返回|推荐|评论|纠错|字号|大|中|小|print|close)(?:本页|窗口|顶部|首页)?\s*[\]】]"
_COUNTER = (
    rf"(?:{_COUNTED}\s*[:：(（]?\s*{_NUMBER}\s*+(?:次|人|条|個|个|℃|°)?\s*+[)）]?"
    rf"|{_NUMBER}\s*+(?:次|人|条|个|位)?\s*(?:阅读|浏览|点击|评论|点赞|赞|喜欢|收藏|转发|分享|跟贴|参与|推荐|views?|"
    r"reads?|comments?|shares?|likes?|replies|claps|retweets?|kommentare?|aufrufe|reaktionen|bewertungen|commentaires?|vues|partages?"
    r"|comentarios?|commenti|件のコメント|いいね[!！]?|댓글)"
    rf"|(?:views?|reads?|hits|comments?|shares?|likes?|replies|kommentare|aufrufe|コメント|いいね[!！]?|閲覧数|댓글|조회수?)"
    rf"\s*[:：(（]?\s*{_NUMBER}\s*+件?\s*+[)）]?"
    rf"|(?:本文|本页|本頁|此文|文章)?(?:已经|已)?被(?:浏览|阅读|点击|访问|瀏覽|閱讀)(?:了)?\s*[:：]?\s*{_NUMBER}\s*+次?"
    rf"|(?:this {_TEXT} )?(?:has been |was )?{_SEEN} (?:by )?{_NUMBER}\s*+(?:times|people|readers)"
    rf"|{_NUMBER}\s*+(?:people|readers|others) (?:are|have) (?:now )?(?:read|reading|viewing|watching)(?: (?:this"
    rf"|now)(?: {_TEXT})?)?"
    rf"|(?:この記事は)?\s*{_NUMBER}\s*+人が(?:読みました|閲覧しました|読んでいます|いいねしました)"
    rf"|(?:dieser (?:artikel|beitrag) wurde )?(?:bereits |schon )?{_NUMBER}\s*+mal (?:gelesen|geteilt|aufgerufen|angesehen)"
    rf"|{_TOOL}"
    r"|(?:(?:最后|最近)?更新(?:时间|于)?\s*[:：]?\s*)?\d+\s*(?:秒|分钟|小时|天|周|个月)前(?:更新|发布)?"
    r"|(?:(?:last )?updated:?\s+)?(?:a|an|\d+)\s+(?:second|minute|min|hour|hr|day|week|month)s?\s+ago"
    r"|(?:aktualisiert )?vor (?:einer|einem|\d+) (?:sekunde|minute|stunde|tag|woche|monat)(?:e?n)?"
    r"|\d+\s*(?:秒|分|時間|日|週間|か月)前(?:に?更新)?"
    r"|(?:(?:约|预计|大约)?(?:阅读)?(?:需|时间)?\s*[:：]?\s*\d+\s*分钟(?:阅读|读完))|\d+\s*min(?:ute)?s?\s+read"
    r"|(?:lesezeit:?\s*)?\d+\s*min(?:\.|uten)?+\s*+(?:lesezeit)?"
    r"|[|·•,，、;；/.。\s])+"
)
# To share, to comment, to follow; whose it is; what else there is.
_ANY_TEXT = (
    r"(?:\[\d{1,3}\]\s*){1,20}(?:下一页|下一頁|尾页|末页|\s)*"
    r"|(?:网友|讀者|读者)(?:评论|留言|观点)仅.{0,40}(?:立场|观点|看法).{0,6}"
    r"|[↑↓⬆⬇👆👇\s]*(?:(?:点击|一键|长按)(?:上方|下方)?(?:蓝字)?(?:一键)?关注|关注(?:我们|本号))[^。]{0,12}"
    r"|(?:觉得|如果).{0,10}(?:好看|有用|喜欢)[^。]{0,4}[，,]?请?(?:点|给|帮).{0,12}|星标我们.{0,20}"
    r"|please enable javascript\b.{0,60}|bitte aktivieren sie javascript\b.{0,60}|(?:视频|图片|内容)(?:加载中|加载失败).{0,16}"
    r"|have something to say\?.{0,80}|(?:empfohlener )?externer inhalt"
    rf"|(?:{_TOOL}[\s|·]*)+|(?:the )?end"
    r"|(?:(?:story|article|text|post) )?(?:continues?|scroll to continue)(?: reading)?(?: below| after .{0,40}| with .{0,40})?"
    r"|(?:der |dieser )?(?:artikel|text|beitrag) geht .{0,30}weiter"
    r"|(?:特别|免责|郑重)声明\s*[:：].{0,160}(?:平台|本站|本网|转载|侵权|立场|存储).*"
    r"|(?:last )?updated:? (?:on )?(?:just now|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)day)(?:,? (?:at )?\d\d?[:.]\d\d(?: ?[ap]m)?)?"
    r"|(?:刚刚|刚才|昨天|今天|前天|just now|yesterday|today)?\s*(?:\d\d?[:：]\d\d)?\s*(?:更新|发布|编辑|updated)"
    r"|[\u2190-\u2bff\ufe0f\U0001f300-\U0001faff\s]*(?:\d[\d,.]*\s*[万kKmM]?\+?)?\s*(?:次|人|个)?(?:点赞|赞|喜欢|"
    r"收藏|分享|转发|在看|关注|举报|打印|投诉|评论|投币|踩|likes?|shares?|save|print|follow|tweet|e-?mail)?"
    r"|(?:点赞|赞|喜欢|收藏|分享|转发|在看|关注|举报|打印|投诉|评论|写评论|我要评论|发表评论|查看评论|纠错|返回顶部|"
    r"返回首页|复制链接|复制|生成海报|加入收藏|关闭窗口|字号|大中小|放大|缩小|[\s|·/、，：:（()）])+"
    r"|(?:分享|转发|扫码分享|一键分享)(?:到|至|给)?[:：]?(?:微信|微博|新浪微博|朋友圈|好友|qq|空间|豆瓣|"
    r"人人网?|腾讯微博|百度贴吧|更多|[\s|·/、，])*|(?:微信|微博|qq|朋友圈)?(?:扫一扫|扫码|扫描)[^。]{0,24}"
    r"|(?:share|tweet|pin|follow us)(?: (?:this|on|via|to|with|by|the|article|story|facebook|twitter|x|linkedin|"
    r"whatsapp|e-?mail|pinterest|reddit|instagram|,|and|&|\||/))*|copy link|print(?: this)?(?: page| article)?"
    r"|(?:diesen )?(?:artikel|beitrag) (?:teilen|drucken|merken|versenden)|partager(?: (?:cet|l['’])\s*article)?"
    r"|この記事を(?:シェア|共有)(?:する)?"
    r"|广告|廣告|推广|ad|ads|advertisement|advertising|sponsored(?: content)?|anzeige|werbung|publicité|\[?pr\]?"
    r"|(?:暂无|还没有|没有|沙发等你来抢|快来)[^。]{0,6}(?:评论|留言)[^。]{0,8}|"
    r"共?有?\s*\d+\s*人参与[，,\s]*\d*\s*条?(?:评论|跟贴|跟帖)?|(?:热门|最新|精彩|网友|全部)(?:评论|留言|"
    r"跟贴)(?:[（(]\d+[)）])?"
    r"|(?:版权(?:声明|说明|所有)?|转载(?:声明|须知|说明)|免责声明|原创声明)\s*[:：][^\n]{0,160}|(?:本文|"
    r"未经)[^。]{0,24}(?:授权|许可|允许)[^。]{0,12}(?:不得|禁止|谢绝|严禁)[^。]{0,12}转载[^。]{0,20}。?"
    r"|(?:扫描|长按|识别)[^。]{0,10}二维码[^。]{0,24}|(?:更多[^。]{0,12}[，,]?(?:敬?请)?)?(?:下载|打开"
    r"|关注)[^。]{0,16}(?:客户端|app|公众号|微信号|"
    r"小程序)[^。]{0,24}"
    r"|(?:please )?(?:sign up|subscribe)(?: (?:now|here|for|to|our|the|free|daily|weekly|newsletters?|"
    r"newsletter today))*|(?:get|receive) (?:the|our) .{0,30}newsletters?.{0,30}"
    r"|(?:标签|關鍵字|关键词|关键字|tags?|topics?)\s*[:：][^。]{0,80}|(?:上一篇|下一篇|上一页|下一页|previous|"
    r"next)\s*[:：]?[^。]{0,60}|听新闻\s*[\d:：]*|(?:相关|延伸|推荐|更多)(?:阅读|新闻|推荐|文章|内容)?[:：]?|"
    r"(?:related|read more|more)(?: (?:articles?|stories|on this|reading))?:?"
)
# One call to the reader, with what it calls to: the verb comes first, or behind a few words and a colon.
_OFFERED = (
    r"(?:newsletters?|inbox|mailing list|briefing|podcast|journalism|reporting|paywall|subscribers?|subscriptions?|memberships?"
    r"|our (?:app|channel|community|work)|whatsapp|telegram|instagram|facebook|twitter|youtube|tiktok|push notifications?)"
)
_CALL = (
    r"(?:enjoyed|liked|loved|did you (?:like|enjoy)|(?:have|do) you (?:got |have )?(?:a |any )?(?:story|tip|news"
    r"|views?|question|comment"
    r"|experience|information)s?|got a (?:story|tip|question))\b[^?]{0,60}\?.{0,120}"
    r"|(?:get|save|try|start|enjoy)\b(?=.*(?:[£$€%]|\d+ (?:weeks?|months?)))(?=.*(?:subscri|trial|months?|weeks?"
    r"|access|plans?|offer|% off)).{0,120}"
    r"|(?:jetzt|nur (?:heute|noch)|sichern sie)\b(?=.*(?:[€%]|euro|prozent|wochen|monate?))(?=.*(?:abo|testen|rabatt"
    r"|artikel lesen|sparen)).{0,120}"
    r"|(?:(?:please|click here to|to get more|want more\?|enjoyed this[^.?!]{0,20}[.?!])[ ,:]*)?"
    r"(?:sign up|subscribe|register|log ?in|join|follow|support|donate|download|get|receive|become)\b"
    rf"[^.?!]{{0,80}}\b{_OFFERED}\b[^.?!]{{0,80}}[.?!]?"
    r"|you (?:have|['’]ve) \S+(?: free)? (?:articles?|stories|story)(?: left| remaining| read)?[^.?!]{0,40}\.?"
    r"|already (?:a |an )?(?:subscriber|member|registered|subscribed)\b[^.]{0,40}[.?]?(?: (?:log|sign) ?in\b[^.]{0,20}\.?)?"
    r"|(?:[^.:!?]{0,60}[:!?] )?(?:jetzt |hier |gleich )?(?:abonnieren|bestellen|folgen|unterstützen|testen|laden"
    r"|melden|holen) sie\b"
    r"[^.?!]{0,80}\b(?:\w*newsletter\w*|whatsapp|telegram|instagram|facebook|kanal|app|journalismus|push\w*"
    r"|\w*abo)\b[^.?!]{0,80}[.!]?"
    r"|(?:[^.:!?]{0,60}[:!?] )?(?:jetzt|hier|gleich) [^.?!]{0,80}\b(?:\w*newsletter\w*|whatsapp|\w*abo|app)\b[^.?!]{0,60}"
    r"\b(?:bestellen|abonnieren|anmelden|lesen|testen|herunterladen|sichern|eintragen)[.!]?"
    r"|(?:abonnez-vous|inscrivez-vous|suivez-nous|recevez|soutenez)\b[^.?!]{0,100}[.!]?|(?:suscríbete|suscríbase"
    r"|síguenos|regístrate)\b[^.?!]{0,100}[.!]?"
    r"|(?:请|敬请|欢迎)?(?:点击|长按|扫码|搜索|识别)?(?:上方|下方|蓝字|这里|添加)?(?:关注|订阅|加入"
    r"|添加)\s*[“\"「『【][^”\"」』】]{1,20}[”\"」』】][^。！]{0,30}[。！]?"
    r"|(?:欢迎|敬请|请)(?:点击|长按)?(?:关注|订阅|转发|分享|点赞|留言|扫码|下载)[^。！，]{0,30}(?:公众号|视频号|客户端"
    r"|app|小程序|微信|微博|朋友圈|评论区)?[。！]?"
    r"|(?:公式)?(?:line|x|twitter|facebook|instagram|メールマガジン|メルマガ|ニュースレター)[^。]{0,20}(?:登録"
    r"|フォロー|購読)[^。]{0,20}(?:はこちら|する|ください)。?"
)


def is_furniture(line: str) -> bool:
    """Tell whether a line counts, or calls its reader to something, as it may below any text.

    >>> [is_furniture(one) for one in ("阅读 1,234 次 · 在看 12", "Sign up for our newsletter.", "共有 3 人获救。")]
    [True, True, False]
    """
    bare = line.strip(EDGES)
    if 0 < len(bare) <= COUNTER_CHARS and any(map(str.isdigit, bare)) and _compiled(_COUNTER).fullmatch(bare):
        return True
    return len(bare) <= ANY_TEXT_CHARS and any(_compiled(one).fullmatch(bare) for one in (_ANY_TEXT, _CALL))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first asked for: a crawl that finds nothing new compares no texts."""
    return re.compile(pattern, re.IGNORECASE)
