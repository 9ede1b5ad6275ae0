"""Whether a message is a mere courtesy ("thanks!", 好的谢谢): it must not reopen what was resolved.

Decided by what is left when courtesies are taken out: nothing but punctuation. Anything else said counts as said.
"""

from __future__ import annotations

import re

from careloop.triage.engine.heads import HeadResult
from careloop.triage.engine.prepare import Prepared

LONGEST_COURTESY = 160

_ZH = (
    r"非常感谢|帮助|帮忙|十分感谢|万分感谢|太感谢了?|感谢(?:您|你们?)?的?(?:帮助|帮忙|回复|支持|理解|耐心|处理|解答|反馈)?|"
    r"谢谢(?:您|你们?)?的?(?:帮助|帮忙|回复|支持|理解|耐心|处理|解答)?|多谢|谢啦|谢了|谢谢|感恩|辛苦您?了?|辛苦|"
    r"麻烦您?了|好的|好滴|好哒|好嘞|好吧|好|行|可以|收到了?|已收到回复|知道了|明白了?|了解了?|嗯+|哦+|噢|"
    r"没问题|没事了?|不客气|客气了|没有其他问题了?|没有问题了?|暂时没有了?|没有了|问题(?:已经?|都)?解决了?|"
    r"已经?解决了?|解决了|搞定了?|可以了|好了|能用了|祝您?(?:工作|生活)?(?:愉快|顺利)|祝好|再见|拜拜|晚安|"
    r"早安|早上好|下午好|晚上好|周末愉快|新年快乐|节日快乐|给个?好评|点个?赞|好评|满意|很满意|非常满意|"
    r"挺好的?|很好|太好了|真棒|棒|赞|您好|你好|哈喽|在吗|客服|小姐姐|小哥哥|亲|老师|您|你们?|的|了|啦|呀|"
    r"哈+|呢|啊|哦|我|都|也|已经|现在|真的|这边|那|就|太|又|再次|一下|先|嘻+|ok"
)
_EN = (
    r"thank(?:s| you| u)?|thx|ty|tysm|cheers|much|many|so|very|a (?:lot|million|bunch)|again|"
    r"appreciated?(?: it| that| your help)?|i|really|we|all|it(?:'s| is)?|great|perfect|excellent|awesome|"
    r"brilliant|lovely|wonderful|good|nice|cool|super|amazing|fantastic|ok(?:ay)?|got it|received|"
    r"understood|noted|will do|sure|fine|sounds|"
    r"(?:that|this|it|which|everything|problem|issue)?(?:'s| is| has been| has| was| all| now)*\s*"
    r"(?:solved|fixed|sorted|resolved|working|works|worked)"
    r"(?: it| now| the problem| my problem| everything)?(?: now)?|"
    r"for (?:your|the|all|everything|all your) ?(?:quick|prompt|kind|fast)? ?"
    r"(?:help|reply|response|support|time|patience|answer|assistance|service)?|"
    r"no (?:worries|problem|more questions|further questions)|"
    r"you(?:'re| are)? (?:welcome|great|the best|a star|all)?|"
    r"have a (?:good|great|nice|lovely) (?:day|weekend|evening|one)|bye|goodbye|see you|best|kind|warm|"
    r"regards|wishes|sincerely|hi|hello|hey|dear|team|there|and|your|help|you|guys|everyone|just|"
    r"wanted to say|the|now|is|was|been|have|'ve|quick|reply|support"
)
_COURTESIES = re.compile(rf"(?:{_ZH})|\b(?:{_EN})\b")
_CORE = re.compile(
    r"谢|感恩|辛苦|好的|好滴|好嘞|收到|知道了|明白|了解|解决了|搞定|满意|赞|好评|再见|拜|祝|不客气|没问题|"
    r"\bok|thank|thx|cheers|appreciat|got it|great|perfect|noted|understood|solved|fixed|sorted|\bty\b|"
    r"have a|bye|excellent|awesome|brilliant|resolved|\bgood\b|嗯|行|\bnice|lovely|welcome"
)
_THANKS_TO_SOMEBODY = re.compile(
    r"(?:谢谢|感谢|多谢|辛苦)(?:了|啦)?[,，!！ ]*"
    r"(?:[小老阿][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,3}(?:老师|姐|哥|经理|小姐|先生|女士))"
    r"[!！。.~～ ]*|(?i:thanks|thank you)(?i: so much| a lot| again)?[, ]+[A-Z][a-z]{1,11}[!. ]*"
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
    if _THANKS_TO_SOMEBODY.fullmatch(text.plain.strip()):
        return _answer("yes", 0.8, core[0])
    return _answer("no", 0.9, rest[:20])


def _answer(label: str, confidence: float, *reasons: str) -> HeadResult:
    other = "no" if label == "yes" else "yes"
    return HeadResult(label, confidence, reasons, ((label, confidence), (other, 1 - confidence)))
