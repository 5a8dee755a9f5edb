"""What no honest browser sends, and what the database refuses at the last moment: answered in words, not as a failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guiju.gate import MACHINE_PATHS

log = logging.getLogger(__name__)

#: So much of a request that is too large is read and thrown away: a browser that is cut off while it sends shows a
#: broken connection instead of the words.
MOST_SWALLOWED: Final = 200 * 1024 * 1024
#: The largest request a page takes: a file of 20 MB with its envelope, in bytes.
MOST_BYTES: Final = 21 * 1024 * 1024

UNSTORABLE: Final = "文字里有不能保存的控制字符，请删去后再交。什么都没有改动。"
OUT_OF_RANGE: Final = "有的数字、日期或文字超出可以保存的范围，请改后再交。什么都没有改动。"
CLASH: Final = "同一件事刚被别人办了。请返回上一页，看过现状再办。什么都没有改动。"
BUSY: Final = "数据库正忙，请稍等几秒再试一次。什么都没有改动。"
TOO_LARGE: Final = "内容超过 20 MB，请压缩后再传，或者分成几次。什么都没有改动。"


class Firm:
    """Keeps pages standing: says what is wrong with a request instead of failing at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not request.path.startswith(MACHINE_PATHS) and length.isdigit() and int(length) > MOST_BYTES:
            _swallow(request, int(length))
            return told(request, TOO_LARGE, 413)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Turn away a NUL, which no text may hold."""
        if request.path.startswith(MACHINE_PATHS):
            return None
        if "\x00" in request.path or _holds_nul(request.GET):
            return told(request, "地址里有不能读的字符。", 404)
        if request.method == "POST" and _holds_nul(request.POST):
            return told(request, UNSTORABLE, 422)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what the database or a number refused; anything else is a failure of ours."""
        if request.path.startswith(MACHINE_PATHS):
            return None
        for kinds, words, status in (
            ((DataError, OverflowError), OUT_OF_RANGE, 422),
            (IntegrityError, CLASH, 409),
            (OperationalError, BUSY, 503),
        ):
            if isinstance(error, kinds):
                log.warning("%s %s was refused: %s", request.method, request.path, error)
                return told(request, words, status)
        return None


def _swallow(request: HttpRequest, length: int) -> None:
    left = min(length, MOST_SWALLOWED)
    while left > 0 and (piece := request.read(min(left, 1024 * 1024))):
        left -= len(piece)


def _holds_nul(values: Any) -> bool:
    return any("\x00" in text for name, several in values.lists() for text in (name, *several))


def told(request: HttpRequest, words: str, status: int) -> HttpResponse:
    """Return the page that says why a request was not taken."""
    return render(request, "400.html", {"words": words}, status=status)
