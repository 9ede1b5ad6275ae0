"""Labels as other systems write them, in our codes. Imports neither Django nor us.

Seed A's columns 投诉类型 and 投诉程度 come first; a label that is not known stays beside the message as it was.
"""

from __future__ import annotations

KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "nature": {
        "quality": ("质量", "产品质量", "质量问题", "产品问题", "product quality"),
        "service": ("服务", "服务态度", "服务质量", "客服", "customer service"),
        "price": ("价格", "收费", "费用", "价格问题", "pricing"),
        "logistics": ("物流", "快递", "配送", "delivery", "shipping"),
        "refund": ("退款", "退货", "退换货", "returns"),
        "account": ("账户", "账号", "登录"),
        "network": ("网络", "网络故障", "系统", "系统故障"),
        "order": ("订单", "orders"),
    },
    "severity": {
        "minor": ("轻微", "轻", "低", "low", "mild"),
        "moderate": ("中等", "一般", "中", "medium"),
        "severe": ("严重", "重", "高", "high", "critical", "serious"),
    },
}


def code_of(head: str, label: str) -> str:
    """Our code for somebody's label; empty when it is none of those we know."""
    label = label.strip().lower()
    codes = KNOWN[head]
    return next((code for code, names in codes.items() if label == code or label in names), "")
