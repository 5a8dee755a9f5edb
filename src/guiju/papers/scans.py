"""Reading scanned papers: the QR code in the foot of a form says which paper it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from PIL import Image

#: How many pages of a scan are looked at for a code.
PAGES = 20

_TOKEN = re.compile(r"(?:/p/|GUIJU:P:)([A-Z2-7]{16})(?:$|[/?#])")


def qr_text(token: str) -> str:
    """Return what the code of a paper says: its address if the installation has one, else a mark with the token."""
    address = str(getattr(settings, "GUIJU_PUBLIC_URL", "") or "").rstrip("/")
    return f"{address}/p/{token}" if address else f"GUIJU:P:{token}"


def token_in(text: str) -> str | None:
    """Return the token that the text of a code names, or None if it is no code of ours."""
    found = _TOKEN.search(text)
    return found[1] if found else None


def first_page(pdf: bytes, longest: int) -> Image.Image | None:
    """Return the first page of a PDF as a picture, its longer side so many pixels; None if it cannot be opened."""
    return next(_pages(pdf, longest, 1), None)


def _pages(pdf: bytes, longest: int, most: int) -> Iterator[Image.Image]:
    # Scans come now and then; the program starts without their libraries.
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in range(min(len(document), most)):
            page = document[number]
            width, height = page.get_size()
            yield page.render(scale=longest / max(width, height, 1.0)).to_pil().convert("RGB")
    finally:
        document.close()


def tokens_in(content: bytes, mime: str) -> list[str]:
    """Return the tokens of our papers in a scan or photo, in the order of its pages, each once."""
    import zxingcpp
    from PIL import Image

    if mime == "application/pdf":
        pictures = _pages(content, 2200, PAGES)
    elif mime.startswith("image/"):
        with Image.open(io.BytesIO(content)) as photo:
            pictures = iter([photo.convert("RGB")])
    else:
        return []
    found: dict[str, None] = {}
    for picture in pictures:
        for code in zxingcpp.read_barcodes(
            picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        ):
            token = token_in(code.text)
            if token:
                found[token] = None
    return list(found)
