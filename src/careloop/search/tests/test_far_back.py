"""A word is found however far back it was said, and however many newer documents hold another."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.search import services as search
from careloop.search.engines import postgresql

pytestmark = pytest.mark.django_db


def test_a_page_is_the_same_whether_the_newest_documents_fill_it_or_not(monkeypatch: Any) -> None:
    monkeypatch.setattr(postgresql, "LOOKED_THROUGH", 4)
    for document in range(1, 21):
        search.put(document, conversation_id=document, body="您好，退款" if document in (2, 9, 18) else "您好")
    assert search.find("退款") == [(18, 18), (9, 9), (2, 2)]
    assert search.find("退款", limit=1) == [(18, 18)]
    assert search.find("退款", before=18, limit=1) == [(9, 9)]
    assert search.find("您好", limit=3) == [(20, 20), (19, 19), (18, 18)]
    assert [document for document, _ in search.find("您好", before=19, limit=6)] == [18, 17, 16, 15, 14, 13]
    assert search.find("蓝鲸") == []
