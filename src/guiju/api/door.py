"""What every request passes first: its size, its token, its rate, and whether its body can be read at all."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from guiju.api.operations.tokens import person_of
from guiju.api.problems import TooLarge
from guiju.kernel.refusals import BadlyFilled
from guiju.org.models import Person

#: The largest JSON body, and the largest upload with its envelope, in bytes.
MOST_JSON, MOST_UPLOAD = 1024 * 1024, 21 * 1024 * 1024
#: How deep groups and lists may lie in each other, and how many digits a number may have.
DEEPEST, MOST_DIGITS = 40, 40
#: Requests of one person a minute and process: far above any work, below a program that has run wild.
PER_MINUTE = 12_000


class ApiRequest(HttpRequest):
    """A request whose token was recognised."""

    auth: Person


class Bearer(HttpBearer):
    """Recognises the person by the bearer token; refuses what is too large before anything is read."""

    openapi_description = "令牌由 guiju token create 创建，只显示一次；按其主人的岗位和范围办理。"

    def __call__(self, request: HttpRequest) -> Any:
        """Return the person, or None.

        :raises TooLarge: the body is larger than this door takes.
        """
        length = request.META.get("CONTENT_LENGTH") or "0"
        upload = request.content_type == "multipart/form-data"
        if length.isdigit() and int(length) > (MOST_UPLOAD if upload else MOST_JSON):
            raise TooLarge
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """Return the person whose token it is."""
        return person_of(token, at=timezone.now())


class PerMinute(BaseThrottle):
    """Counts the requests of a person in each minute."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether this request is still within the minute's number."""
        most = getattr(settings, "GUIJU_API_PER_MINUTE", PER_MINUTE)
        key = f"api:{getattr(request.auth, 'pk', 0)}:{int(time.time() // 60)}"  # type: ignore[attr-defined]
        if cache.add(key, 1, timeout=120):
            return bool(most >= 1)
        try:
            return bool(cache.incr(key) <= most)
        except ValueError:
            return True

    def wait(self) -> float | None:
        """How many seconds to wait."""
        return 60 - time.time() % 60


class Careful(Parser):
    """Reads JSON; refuses what could not be stored or would exhaust the reader."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body.

        :raises HttpError: it is no JSON object, too deep, or has numbers without end (400).
        :raises BadlyFilled: it holds text that cannot be stored.
        """
        try:
            body = json.loads(request.body, parse_int=_whole, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise HttpError(400, "Cannot parse request body") from error
        if not isinstance(body, dict):
            raise HttpError(400, "Cannot parse request body")
        _look_through(body)
        return body


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _look_through(body: dict[str, Any]) -> None:
    level: list[tuple[str, Any]] = [("", body)]
    depth = 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise HttpError(400, "Cannot parse request body")
        deeper: list[tuple[str, Any]] = []
        for path, value in level:
            if isinstance(value, dict):
                for key, part in value.items():
                    _storable(path or "body", key)
                    deeper.append((f"{path}.{key}" if path else key, part))
            elif isinstance(value, list):
                deeper += [(f"{path}.{n}", part) for n, part in enumerate(value)]
            elif isinstance(value, str):
                _storable(path, value)
        level = deeper


def _storable(path: str, text: str) -> None:
    if "\x00" in text:
        raise BadlyFilled({path: "文字里有不能保存的控制字符，请删去后再交"})
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadlyFilled({path: "文字里有不完整的字符，请重新输入"}) from error
