"""Draws a line chart as SVG, for light and dark themes."""

import math
from collections.abc import Mapping, Sequence

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 112, 24, 56
COLOURS = ("one", "two")
STEP = 0.25
LEAST_TOP = 1.5
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  polyline { fill: none; stroke-width: 2 }
  polyline.one { stroke: #0969da } circle.one, text.one { fill: #0969da }
  polyline.two { stroke: #bc4c00 } circle.two, text.two { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 }
    .grid { stroke: #3d444d }
    polyline.one { stroke: #58a6ff } circle.one, text.one { fill: #58a6ff }
    polyline.two { stroke: #f0883e } circle.two, text.two { fill: #f0883e }
  }
"""


def drawn(lines: Mapping[str, Points]) -> str:
    """Return a chart of at most two lines: rows on a logarithmic axis, ratios from nought up."""
    scale = Scale([point for points in lines.values() for point in points])
    parts = [*_grid(scale), *_axis_names()]
    highest = max(lines, key=lambda name: lines[name][-1][1])
    for (name, points), colour in zip(lines.items(), COLOURS, strict=False):
        parts += _line(points, colour, scale)
        # The ends of the lines may overlap, but not their names.
        x, y = scale.position(points[-1])
        parts.append(_text(name, x + 8, y + (-4 if name == highest else 14), f'class="{colour}"'))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    title = "Time of a resume by rows in the table, relative to the smallest"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join(
        [head, f"<title>{title}</title>", f"<style>{STYLE}</style>", *parts, "</svg>", ""]
    )


class Scale:
    """Maps the figures to coordinates in the picture."""

    def __init__(self, points: Points) -> None:
        """Choose the scale so that all points fit.

        The left end is the smallest number of rows, the right end the largest; the top is a round
        ratio above the highest.
        """
        rows = [rows for rows, _ in points]
        self._first, self._last = math.log10(min(rows)), math.log10(max(rows))
        self.decades = range(math.ceil(self._first), math.floor(self._last) + 1)
        highest = max(LEAST_TOP, *(ratio for _, ratio in points))
        self.steps = range(math.ceil(highest / STEP) + 1)

    def x(self, rows: float) -> float:
        """Return the x coordinate of a number of rows."""
        share = (math.log10(rows) - self._first) / ((self._last - self._first) or 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, ratio: float) -> float:
        """Return the y coordinate of a ratio."""
        share = ratio / STEP / (len(self.steps) - 1)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def position(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the x and y coordinates of a point."""
        return self.x(point[0]), self.y(point[1])


def _grid(scale: Scale) -> list[str]:
    parts = []
    for step in scale.steps:
        y = scale.y(step * STEP)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(f"{step * STEP:.2f}", LEFT - 8, y + 4, 'text-anchor="end"'))
    for decade in scale.decades:
        x = scale.x(10**decade)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        anchor = 'text-anchor="middle"'
        parts.append(_text(f"{10**decade:,}", x, HEIGHT - BOTTOM + 18, anchor))
    return parts


def _axis_names() -> list[str]:
    middle = (LEFT + WIDTH - RIGHT) / 2
    height = (TOP + HEIGHT - BOTTOM) / 2
    turned = f'text-anchor="middle" transform="rotate(-90 16 {height})"'
    return [
        _text("rows in the table", middle, HEIGHT - 12, 'text-anchor="middle"'),
        _text("time of a resume, ratio", 16, height, turned),
    ]


def _line(points: Points, colour: str, scale: Scale) -> list[str]:
    positions = [scale.position(point) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in positions)
    dots = [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in positions]
    return [f'<polyline class="{colour}" points="{path}"/>', *dots]


def _text(text: str, x: float, y: float, more: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{text}</text>'
