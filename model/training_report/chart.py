"""Charts as SVG. What they look like is said by attributes alone: no page has to allow them a style."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 14, 74
INK, QUIET, GRID = "#1f2933", "#52606d", "#e4e7eb"
COLOURS = ("#1666b0", "#c2570c", "#2f855a", "#7c4dbc", "#8a94a0")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "3 3")


@dataclass(frozen=True, slots=True)
class Line:
    """A curve with its name; with `dots` its points are drawn too."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where an axis goes, and how its numbers are written."""

    name: str
    low: float
    high: float
    logarithmic: bool = False
    percent: bool = False

    def at(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        if self.logarithmic:
            value = min(max(value, self.low), self.high)
            return (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Round numbers on it."""
        if self.logarithmic:
            first, last = floor(log10(self.low) + 1e-9), floor(log10(self.high) + 1e-9)
            return [10.0**each for each in range(first, last + 1) if 10.0**each >= self.low * 0.999]
        step = _step((self.high - self.low) / 5)
        first = round(self.low / step)
        return [each * step for each in range(first, first + 12) if self.low <= each * step <= self.high * 1.0001]

    def written(self, value: float) -> str:
        """A number as it stands there."""
        return f"{100 * value:.3g} %" if self.percent else f"{value:,.4g}"


def chart(title: str, x: Axis, y: Axis, lines: Sequence[Line], diagonal: bool = False) -> str:
    """The curves over both axes, with a legend below."""
    inner_w, inner_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def to_x(value: float) -> str:
        return f"{LEFT + inner_w * x.at(value):.1f}"

    def to_y(value: float) -> str:
        return f"{TOP + inner_h * (1 - y.at(value)):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *(_grid(to_x, to_y, x, y)),
    ]
    if diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        parts.append(
            f'<line x1="{to_x(low)}" y1="{to_y(low)}" x2="{to_x(high)}" y2="{to_y(high)}" stroke="{QUIET}" '
            'stroke-dasharray="2 4"/>'
        )
    for at, line in enumerate(lines):
        parts += _line(line, COLOURS[at % len(COLOURS)], DASHES[at % len(DASHES)], to_x, to_y)
    parts += _legend(lines)
    return "\n".join([*parts, "</svg>"])


def _grid(to_x: Callable[[float], str], to_y: Callable[[float], str], x: Axis, y: Axis) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for tick in y.ticks():
        at = to_y(tick)
        parts.append(f'<line x1="{LEFT}" y1="{at}" x2="{right}" y2="{at}" stroke="{GRID}"/>')
        parts.append(_text(LEFT - 6, float(at) + 4, y.written(tick), "end"))
    for tick in x.ticks():
        at = to_x(tick)
        parts.append(f'<line x1="{at}" y1="{TOP}" x2="{at}" y2="{bottom}" stroke="{GRID}"/>')
        parts.append(_text(float(at), bottom + 15, x.written(tick), "middle"))
    parts.append(_text((LEFT + right) / 2, bottom + 31, x.name, "middle"))
    middle = (TOP + bottom) / 2
    parts.append(
        f'<text x="12" y="{middle}" text-anchor="middle" fill="{QUIET}" transform="rotate(-90 12 {middle})">'
        f"{escape(y.name)}</text>"
    )
    return parts


def _line(line: Line, colour: str, dash: str, to_x: Callable[[float], str], to_y: Callable[[float], str]) -> list[str]:
    points = " ".join(f"{to_x(a)},{to_y(b)}" for a, b in line.points)
    parts = [f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"{_dashed(dash)}/>']
    if line.dots:
        parts += [f'<circle cx="{to_x(a)}" cy="{to_y(b)}" r="3" fill="{colour}"/>' for a, b in line.points]
    return parts


def _legend(lines: Sequence[Line]) -> list[str]:
    parts, left, row = [], float(LEFT), 0
    for at, line in enumerate(lines):
        width = 38 + 5.8 * len(line.name)
        if left + width > WIDTH:
            left, row = float(LEFT), row + 1
        colour, dash = COLOURS[at % len(COLOURS)], DASHES[at % len(DASHES)]
        y = HEIGHT - 24 + 16 * row
        parts.append(
            f'<line x1="{left}" y1="{y - 4}" x2="{left + 18}" y2="{y - 4}" stroke="{colour}" stroke-width="2"'
            f"{_dashed(dash)}/>"
        )
        parts.append(_text(left + 23, y, line.name, "start", INK))
        left += width
    return parts


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _text(x: float, y: float, text: str, anchor: str, colour: str = QUIET) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _step(rough: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough)) if rough > 0 else 1.0
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
