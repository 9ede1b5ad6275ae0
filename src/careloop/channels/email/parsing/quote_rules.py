"""What the lines between a reply and the mail it answers look like, program by program and language by language.

Collected from the mail programs our customers use (QQ, 163, Foxmail, Outlook, Apple Mail, Gmail, phones) and, for
the languages beyond Chinese and English, from mail-parser-reply's list. Every pattern is tried on one line only.
"""

import re

LINE_LIMIT = 600
HEADER_LINES = 14

FIELDS = {
    "from": "from von de da od van fra från от откого 发件人 发信人 寄件者 寄件人 差出人 送信者 보낸사람",
    "sent": "sent sendtime senttime date datum gesendet enviado enviada fecha data "
    "envoyé inviato odesláno verzonden sendt "
    "skickat wysłano дата отправлено 发送时间 发送日期 时间 日期 寄件日期 傳送日期 送信日時 日時 보낸날짜",
    "to": "to an para à a komu aan til till do кому 收件人 收信人 收件者 宛先 받는사람",
    "subject": "subject betreff asunto assunto objet oggetto předmět onderwerp emne ämne temat "
    "тема 主题 標題 标题 主旨 件名 제목",
    "cc": "cc copia kopie kopi kopia копия 抄送 副本 참조",
    "reply-to": "reply-to 回复 attachments 附件 importance organization",
}
FIELD_OF = {word: kind for kind, words in FIELDS.items() for word in words.split()}
FIELD_LINE = re.compile(r"^[\s>*|_＞]*([^\s:：*|][^:：|]{0,24}?)[\s*_]*(?:[:：]|\|(?=.*\|))[\s*|]*(.*)$")

SEPARATOR = re.compile(
    r"^[\s>*]*(?:"
    r"[-–—_=*]{2,}\s*(?:original(?:\s+(?:message|e-?mail|appointment))?|replied\s+message|forwarded?\s+(?:message|by)\b.*?|"
    r"(?:回复的?|转发的?)?原(?:始)?邮件(?:信息)?|邮件原[件文]|原始郵件|转发(?:的)?邮件(?:信息)?|轉寄郵件|転送メッセージ|"
    r"元のメッセージ|urspr[üu]ngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"oprindelig meddelelse|oorspronkelijk bericht|원본\s*메시지|пересылаемое сообщение)\s*[-–—_=*]*"
    r"|begin forwarded message:|开始转发的邮件：?|下面是转发的邮件：?|begin forwarded message："
    r"|##-.{0,80}-##|-{2,}\s*[^-]{1,120}\bwrote\s*-{2,}"
    r")\s*$",
    re.I,
)
FORWARDED = re.compile(r"forward|转发|轉寄|転送|пересыл", re.I)
RULE = re.compile(r"^[\s>]*(?:[_]{5,}|[-]{10,}|[=]{10,}|[─—]{5,}|\*{10,})\s*$")
BARE_DASHES = re.compile(r"^\s*[-_]{2,}\s*$")

ATTRIBUTION_END = re.compile(
    r"(?:\bwrote|\bwrites|\bschrieb\b.{0,120}|\ba écrit|\bescribió|\bescreveu|\bha scritto|\bschreef\b.{0,120}|"
    r"\bnapsal\(?a?\)?|\bskrev\b.{0,120}|\bnapisał\(?a?\)?|пишет|писал\(?а?\)?|"
    r"写道|寫道|编写|的来信|书写|のメール|작성하였습니다|님이 작성)"
    r"[^\w]{0,3}[:：]\s*-*\s*$|\bwrote\s*-{2,}\s*$",
    re.I,
)
ATTRIBUTION_START = re.compile(
    r"^[\s>-]*(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu|in article|at)\b|^[\s>-]*[在于於]\s*\S|^[\s>]*[\"“<]?\d",
    re.I,
)
HAS_DATE_OR_ADDRESS = re.compile(r"\d|@")
CLOSING_COLON = re.compile(r"[:：]\s*$")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w")

SIGNATURE_MARK = re.compile(r"^(?:--|__|—|––)\s*$")
DASHED_NAME = re.compile(r"^[-–—]\s?[A-Za-z\u4e00-\u9fff][\w .'·]{0,40}$")
_DEVICE = (
    r"(?:iphone|ipad|android|outlook|foxmail|gmail|yahoo|samsung|huawei|华为|小米|荣耀|vivo|oppo|手机|手機|"
    r"blackberry|windows|proton ?mail|网易|網易|qq|新浪|阿里|钉钉|飞书|"
    r"企业微信|邮箱大师|邮箱|郵箱|mobile|webmail|mail app)"
)
FOOTER = re.compile(
    r"^\s*(?:"
    r"sent from my\s+[\w.+'’-]+(?:\s+[\w.+'’-]+){0,4}\s*(?:[(<]https?:\S+[)>])?"
    rf"|sent (?:from|with|via|using)\s+(?:the )?(?:[\w-]+\s+)?{_DEVICE}\b[^.!?]{{0,40}}"
    r"|get outlook for (?:ios|android|mac)\b.{0,60}|(?:获取|下载)\s*outlook.{0,60}"
    rf"|[（(]?\s*(?:发自|發自|来自|來自|发送自|從|从|由)\s*(?:我的)?"
    rf"[\w ·.+-]{{0,16}}{_DEVICE}[\w ·.+-]{{0,16}}\s*[)）]?"
    r"|(?:发自|發自|发送自|來自|来自|从|從)我的\s*[\w ·.+-]{1,24}"
    r"|von meinem \w+ gesendet|gesendet von mein\w* .{0,30}|envoyé (?:de|depuis) mon .{2,30}|enviado desde mi .{2,30}"
    r"|inviato da(?:l mio)? .{2,30}|iphoneから送信|내 \w+에서 보냄|отправлено с \w+.{0,20}"
    r")[.。]?\s*$",
    re.I,
)
