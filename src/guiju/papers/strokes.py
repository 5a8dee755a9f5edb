"""Strokes of a signature as a browser sends them: points with time, read strictly, drawn as SVG for print."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

Strokes = tuple[tuple[tuple[float, float, int], ...], ...]

MOST_POINTS = 20_000


class UnableToRead(Exception):
    """The drawing is empty or is no drawing."""


def read_strokes(sent: Any) -> Strokes:
    """
    Return the strokes: a list of lists of points, each ``[x, y, ms]`` or ``{"x":…, "y":…, "time":…}``.

    A stroke may also be ``{"points": […]}``. Numbers only; anything else is refused.

    :raises UnableToRead: nothing was drawn, too much was, or it is no list of points.
    """
    if not isinstance(sent, Sequence) or isinstance(sent, (str, bytes)):
        raise UnableToRead("签名数据不对，请重签。")
    strokes = []
    count = 0
    for stroke in sent:
        points = stroke.get("points", ()) if isinstance(stroke, Mapping) else stroke
        if not isinstance(points, Sequence) or isinstance(points, (str, bytes)):
            raise UnableToRead("签名数据不对，请重签。")
        line = tuple(_point(point) for point in points)
        count += len(line)
        if line:
            strokes.append(line)
    if not strokes:
        raise UnableToRead("还没有签名。")
    if count > MOST_POINTS:
        raise UnableToRead("签名笔画太多，请重签。")
    return tuple(strokes)


def _point(point: Any) -> tuple[float, float, int]:
    try:
        if isinstance(point, Mapping):
            x, y, moment = float(point["x"]), float(point["y"]), int(point.get("time", 0))
        else:
            x, y, moment = float(point[0]), float(point[1]), int(point[2]) if len(point) > 2 else 0
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise UnableToRead("签名数据不对，请重签。") from error
    if not (abs(x) < 1e5 and abs(y) < 1e5):
        raise UnableToRead("签名数据不对，请重签。")
    return round(x, 2), round(y, 2), moment


def extent(strokes: Strokes) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the drawing."""
    xs = [x for stroke in strokes for x, _, _ in stroke]
    ys = [y for stroke in strokes for _, y, _ in stroke]
    return min(xs), min(ys), max(xs), max(ys)


def svg(strokes: Strokes) -> str:
    """Return the drawing as SVG, cropped to what was drawn, for ``Signed.strokes``."""
    left, top, right, bottom = extent(strokes)
    width, height = max(right - left, 1), max(bottom - top, 1)
    pen = max(width, height) / 60
    lines = []
    for stroke in strokes:
        points = [f"{x - left + pen:.1f} {y - top + pen:.1f}" for x, y, _ in stroke]
        lines.append(f"M{points[0]}" + "".join(f"L{point}" for point in points[1:] or points))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2 * pen:.1f}" height="{height + 2 * pen:.1f}">'
        f'<path d="{"".join(lines)}" fill="none" stroke="#111" stroke-width="{pen:.2f}" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def picture_svg(content: bytes) -> str:
    """
    Return a signature that was kept as a picture as SVG, for ``Signed.strokes``: grey, cropped, 600 px wide at most.

    :raises UnableToRead: it is no picture, or an empty one.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as kept:
            drawn = kept.convert("RGBA")
    except (OSError, ValueError) as error:
        raise UnableToRead("签名图样打不开。") from error
    white = Image.new("RGBA", drawn.size, "white")
    grey = Image.alpha_composite(white, drawn).convert("L")
    box = grey.point(lambda level: 255 if level < 200 else 0).getbbox()
    if box is None:
        raise UnableToRead("签名图样是空的。")
    grey = grey.crop(box)
    grey.thumbnail((600, 300))
    made = io.BytesIO()
    grey.save(made, "PNG", optimize=True)
    data = base64.b64encode(made.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{grey.width}" height="{grey.height}">'
        f'<image width="{grey.width}" height="{grey.height}" href="data:image/png;base64,{data}"/></svg>'
    )
