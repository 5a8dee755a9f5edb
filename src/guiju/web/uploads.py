"""Files that come with a form: stored first, then named by their digest in what the act is given."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from pydantic import BaseModel

from guiju.kernel.refusals import BadlyFilled
from guiju.org.models import Person
from guiju.papers.models import Attachment
from guiju.papers.operations.attachments import UnableToStore, store
from guiju.web import stepform

PNG = "data:image/png;base64,"
File: TypeAlias = "UploadedFile[Any]"


def take(file: File, *, by: Person, at: datetime) -> Attachment:
    """Store an uploaded file.

    :raises UnableToStore: it is empty, too large, or of a kind that is not accepted.
    """
    try:
        return store(file=file, by=by, at=at)  # type: ignore[arg-type]
    except UnableToStore as refused:
        # Of several files it has to be said which one.
        raise UnableToStore(f"「{file.name}」{refused}") from refused


def take_signature(text: str, *, by: Person, at: datetime) -> str:
    """
    Store a signature drawn on the page and return its digest.

    :raises BadlyFilled: it is empty or no drawing.
    """
    try:
        drawn = json.loads(text)
        picture = str(drawn["png"])
        if not picture.startswith(PNG) or not drawn.get("strokes"):
            raise ValueError
        content = base64.b64decode(picture[len(PNG) :], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise BadlyFilled({"signature": "签字：没有收到笔迹，请重签"}) from error
    return store(file=content, by=by, at=at, name="签字.png", kind=Attachment.Kind.SIGNATURE).sha256


def with_files(
    form: type[BaseModel],
    given: dict[str, Any],
    data: Mapping[str, Any],
    files: MultiValueDict[str, File],
    *,
    by: Person,
    at: datetime,
    prefix: str = "",
) -> dict[str, str]:
    """
    Store what came as a file or a drawing, and put the digests where the form wants them.

    Return by field what is wrong with the files that could not be taken in; the others are kept.
    """
    wrong: dict[str, str] = {}
    for name, kind, inner in stepform.kinds(form):
        path = prefix + name
        if kind == "group" and inner is not None:
            for at_, row in enumerate(given.get(name, [])):
                wrong |= with_files(inner, row, data, files, by=by, at=at, prefix=f"{path}.{at_}.")
        elif kind == "part" and inner is not None and isinstance(given.get(name), dict):
            wrong |= with_files(inner, given[name], data, files, by=by, at=at, prefix=f"{path}.")
        elif kind in ("files", "file", "signature"):
            sent, problem = _taken(
                files.getlist(f"{path}.file" if kind == "signature" else path), by=by, at=at
            )
            text = str(given.get(name, ""))
            if problem:
                wrong[path] = problem
            if sent:
                given[name] = [*given.get(name, []), *sent] if kind == "files" else sent[-1]
            elif kind == "signature" and text.startswith("{"):
                try:
                    given[name] = take_signature(text, by=by, at=at)
                except BadlyFilled as empty:
                    wrong[path] = empty.errors["signature"]
    return wrong


def _taken(files: Sequence[File], *, by: Person, at: datetime) -> tuple[list[str], str]:
    """Store files one by one; return the digests of those taken in, and what is wrong with the others."""
    sent, wrong = [], []
    for file in files:
        try:
            sent.append(take(file, by=by, at=at).sha256)
        except UnableToStore as refused:
            wrong.append(str(refused))
    return sent, "".join(wrong)
