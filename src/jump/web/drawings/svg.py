"""Writing SVG by hand: presentation attributes with plain values, a title, and a description that tells the finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import bidirectional

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from jump.web.drawings.tokens import INK, INK_2

Xy = tuple[float, float]


def n(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, **attributes: object) -> str:
    """An empty element. `stroke_width` becomes stroke-width; None is left out."""
    return f"<{name}{_attributes(attributes)}/>"


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{n(value) if isinstance(value, float) else escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    weight: int | None = None,
    fill: str = INK,
    anchor: str | None = None,
    halo: bool = False,
) -> str:
    """Words at a place; with a halo they stay readable over land and streams."""
    attributes = _attributes(
        {
            "x": float(x),
            "y": float(y),
            "text_anchor": anchor,
            "font_size": size,
            "font_weight": weight,
            "fill": fill,
            "stroke": "#fff" if halo else None,
            "stroke_width": 4 if halo else None,
            "paint_order": "stroke" if halo else None,
        }
    )
    return f"<text{attributes}>{escape(own_direction(words))}</text>"


def two_part_text(x: float, y: float, strong: str, rest: str, *, size: int = 15) -> str:
    """A figure in bold and its note in the second colour, as one line."""
    note = f'<tspan fill="{INK_2}"> {escape(own_direction(rest))}</tspan>' if rest else ""
    return (
        f'<text x="{n(x)}" y="{n(y)}" font-size="{size}" fill="{INK}">'
        f'<tspan font-weight="700">{escape(own_direction(strong))}</tspan>{note}</text>'
    )


def own_direction(words: str) -> str:
    """Arabic or Hebrew words keep their own order inside a drawing, which itself runs from left to right.

    >>> own_direction("27 Nov"), len(own_direction("27 نوفمبر 2004")) - len("27 نوفمبر 2004")
    ('27 Nov', 2)
    """
    if any(bidirectional(letter) in {"R", "AL"} for letter in words):
        return f"\u2067{words}\u2069"
    return words


def points(places: Iterable[Xy]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def drawing(
    width: float,
    height: float,
    parts: Iterable[str],
    *,
    key: str,
    title: str,
    finding: str,
    left: float = 0,
    top: float = 0,
) -> SafeString:
    """The whole picture, named for readers who do not see it."""
    box = f"{n(left)} {n(top)} {n(width)} {n(height)}"
    return mark_safe(
        # Time and maps run left to right in every language; without this an Arabic page turns the anchors round.
        f'<svg viewBox="{box}" direction="ltr" role="img" aria-labelledby="{escape(key)}-t {escape(key)}-d">'
        f'<title id="{escape(key)}-t">{escape(title)}</title><desc id="{escape(key)}-d">{escape(finding)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def both(wide: SafeString, narrow: SafeString, widths: str) -> SafeString:
    """The drawing for wide screens and the one for phones; or one of them, for a document."""
    if widths == "wide":
        return wide
    if widths == "narrow":
        return narrow
    return mark_safe(f'<div class="only-wide">{wide}</div><div class="only-narrow">{narrow}</div>')


def nice_ticks(high: float, most: int = 5) -> Sequence[float]:
    """Round steps from zero up to the last one at or below the highest value.

    >>> nice_ticks(20300)
    (0.0, 5000.0, 10000.0, 15000.0, 20000.0)
    >>> nice_ticks(0)
    (0.0, 1.0)
    """
    if high <= 0:
        return (0.0, 1.0)
    step = 1.0
    while high / step > most:
        for factor in (2.0, 2.5, 5.0, 10.0):
            if high / (step * factor) <= most:
                step *= factor
                break
        else:
            step *= 10
    while step > 1 and high / step < 2:
        step /= 2
    count = int(high / step + 1e-9)
    return tuple(step * position for position in range(count + 1))


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights of labels moved as little as needed so that they stand `gap` apart, given from top to bottom.

    >>> apart([10, 12, 14], 16, 0, 100)
    [10, 26, 42]
    """
    moved = list(places)
    for position in range(1, len(moved)):
        moved[position] = max(moved[position], moved[position - 1] + gap)
    over = moved[-1] - high if moved else 0
    if over > 0:
        moved[-1] = high
        for position in range(len(moved) - 2, -1, -1):
            moved[position] = min(moved[position], moved[position + 1] - gap)
    return [max(low, place) for place in moved]
