"""The parameters of a list as the service reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from catalog.errors import Invalid
from catalog.index.query import Filter, ListQuery
from catalog.schemas.list_query import parse_list_query

HUGE = "9" * 5000


def parse(text: str | list[tuple[str, str]]) -> ListQuery:
    pairs = parse_qsl(text, keep_blank_values=True) if isinstance(text, str) else text
    return parse_list_query(pairs, 25, 1000).query


def only_filter(*pairs: tuple[str, str]) -> Filter:
    (found,) = parse(list(pairs)).filters
    return found


def refusal(text: str | list[tuple[str, str]]) -> str:
    with pytest.raises(Invalid) as caught:
        parse(text)
    return caught.value.message
