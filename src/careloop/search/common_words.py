"""Words so common that sharing them says nothing. Chinese ones are pairs, as the tokenizer makes them."""

_ENGLISH = """
a about after again all also am an and any anything are aren as ask asked at back be because been before but
by came can come could couldn dear did didn do does doesn don even for from get go going got had has hasn have
haven he hello her here hi him his how i if in into is isn it its just know like ll many me more most much my
no not now of off on one or our out over please re really regards said say she should so some something still
such tell than thank thanks that the their them then there these they this those to today told too two up us
ve very want was wasn we were what when where which while who why will with won would wouldn you your yours
"""
_CHINESE = """
一下 一个 一些 一直 不可 不是 不能 为什 了吗 什么 他们 以及 但是
你们 你好 公司 几个 可不 可以 告诉 因为 多少 好的 如果 就是 已经
希望 怎么 您好 感觉 我们 我的 所以 时候 时间 是不 是吗 有没 有点
没有 现在 的吗 的时 真的 知道 能不 自己 觉得 请问 谢谢 贵公 还是
还有 这个 这么 这样 那个 那么 那样 问题 需要 非常 麻烦
今天 昨天 明天 都在 给我 想问 问一 咨询 请教 有人 说了 你说 的话
"""
COMMON = frozenset((_ENGLISH + _CHINESE).split())
