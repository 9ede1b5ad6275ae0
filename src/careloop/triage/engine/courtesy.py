"""Whether a message is a mere courtesy ("thanks!", 好的谢谢): it must not reopen what was resolved.

Decided by what is left when courtesies are taken out: nothing but punctuation. Anything else said counts as said.
"""

from __future__ import annotations

import re

from careloop.triage.engine.heads import HeadResult
from careloop.triage.engine.prepare import Prepared

LONGEST_COURTESY = 160

_ZH = (
    "非常感谢|十分感谢|万分感谢|太感谢了?|感谢您?的?(?:帮助|帮忙|回复|支持|理解|耐心|处理|解答|反馈)?|谢谢您?的?(?:帮助|帮忙|回复|支持|理解|耐心|处理|解答)?"
    "|多谢|谢啦|谢了|谢谢|感恩|辛苦您?了?|辛苦|麻烦您?了|好的|好滴|好哒|好嘞|好吧|好|行|可以|收到了?|已收到回复|知道了|明白了?|了解了?|嗯+|哦+|噢"
    "|没问题|没事了?|不客气|客气了|没有其他问题了?|没有问题了?|暂时没有了?|没有了|问题(?:已经?|都)?解决了?|已经?解决了?|解决了|搞定了?|可以了|好了|能用了"
    "|祝您?(?:工作|生活)?(?:愉快|顺利)|祝好|再见|拜拜|晚安|早安|早上好|下午好|晚上好|周末愉快|新年快乐|节日快乐|给个?好评|点个?赞|好评|满意|很满意|非常满意|挺好的?|很好|太好了|真棒|棒|赞"
    "|您好|你好|哈喽|在吗|客服|小姐姐|小哥哥|亲|老师|您|你们?|的|了|啦|呀|哈+|呢|啊|哦|我|都|也|已经|现在|真的|这边|那|就|太|又|再次|一下|先|嘻+|ok"
)
_EN = (
    r"thank(?:s| you| u)?|thx|ty|tysm|cheers|much|many|so|very|a (?:lot|million|bunch)|again|appreciated?(?: it| that| your help)?|i|really|we|all|it(?:'s| is)?"
    r"|great|perfect|excellent|awesome|brilliant|lovely|wonderful|good|nice|cool|super|amazing|fantastic|ok(?:ay)?|got it|received|understood|noted|will do|sure|fine|sounds"
    r"|(?:that|this|it|which|everything|problem|issue)?(?:'s| is| has been| has| was| all| now)*\s*(?:solved|fixed|sorted|resolved|working|works|worked)(?: it| now| the problem| my problem| everything)?(?: now)?"
    r"|for (?:your|the|all|everything|all your) ?(?:quick|prompt|kind|fast)? ?(?:help|reply|response|support|time|patience|answer|assistance|service)?"
    r"|no (?:worries|problem|more questions|further questions)|you(?:'re| are)? (?:welcome|great|the best|a star|all)?|have a (?:good|great|nice|lovely) (?:day|weekend|evening|one)|bye|goodbye|see you"
    r"|best|kind|warm|regards|wishes|sincerely|hi|hello|hey|dear|team|there|and|your|help|you|guys|everyone|just|wanted to say|the|now|is|was|been|have|'ve|quick|reply|support"
)
_COURTESIES = re.compile(rf"(?:{_ZH})|\b(?:{_EN})\b")
_CORE = re.compile(
    r"谢|感恩|辛苦|好的|好滴|好嘞|收到|知道了|明白|了解|解决了|搞定|满意|赞|好评|再见|拜|祝|不客气|没问题|\bok|thank|thx|cheers|appreciat|got it|great|perfect|noted|understood|solved|fixed"
    r"|sorted|\bty\b|have a|bye|excellent|awesome|brilliant|resolved|\bgood\b|嗯|行|\bnice|lovely|welcome"
)
_NOTHING = re.compile(r"[\W\d_]*")


def judge_courtesy(text: Prepared) -> HeadResult:
    """The label yes or no; the reason is the courtesy found, or what else was said."""
    folded = text.folded.strip()
    core = _CORE.search(folded)
    if core is None or len(folded) > LONGEST_COURTESY or "?" in folded:
        return _answer("no", 0.97)
    rest = _NOTHING.sub("", _COURTESIES.sub(" ", folded))
    if not rest:
        return _answer("yes", 0.95, core[0])
    # A name after the thanks ("谢谢小林", "Thanks Lin") is still a courtesy.
    short_name = len(rest) <= 3 if not rest.isascii() else len(rest) <= 8 and rest.isalpha()
    starts_kindly = _COURTESIES.match(folded) is not None
    if short_name and starts_kindly and ("谢" in folded or "thank" in folded):
        return _answer("yes", 0.7, core[0])
    return _answer("no", 0.9, rest[:20])


def _answer(label: str, confidence: float, *reasons: str) -> HeadResult:
    other = "no" if label == "yes" else "yes"
    return HeadResult(label, confidence, reasons, ((label, confidence), (other, 1 - confidence)))
