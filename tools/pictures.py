"""Crop screenshots to their content, and combine several in one picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw

MARGIN: Final = 24
"""The margin around the content, in pixels."""
GAP: Final = 28
RADIUS: Final = 14
GROUND: Final = "#dfeae6"


def crop(picture: Path) -> Image.Image:
    """Return a picture without the empty space around its content."""
    image = Image.open(picture).convert("RGB")
    empty = Image.new("RGB", image.size, image.getpixel((image.width - 1, image.height - 1)))
    found = ImageChops.difference(image, empty).getbbox() or (0, 0, *image.size)
    return image.crop(
        (
            max(0, found[0] - MARGIN),
            max(0, found[1] - MARGIN),
            min(image.width, found[2] + MARGIN),
            min(image.height, found[3] + MARGIN),
        )
    )


def lay_out(columns: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Return a picture of columns, each extended or cut to the height of the first."""
    height = sum(panel.height for panel in columns[0]) + GAP * (len(columns[0]) - 1)
    width = sum(max(panel.width for panel in column) for column in columns)
    whole = Image.new("RGB", (width + GAP * (len(columns) + 1), height + 2 * GAP), GROUND)
    left = GAP
    for column in columns:
        column_width, top = max(panel.width for panel in column), GAP
        for panel in column:
            rest = height + GAP - top
            box = (column_width, rest if panel is column[-1] else panel.height)
            whole.paste(_padded(panel, box), (left, top), _rounded(box))
            top += box[1] + GAP
        left += column_width + GAP
    return whole


def _padded(panel: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a panel in the middle of its column."""
    padded = Image.new("RGB", size, panel.getpixel((panel.width - 1, panel.height - 1)))
    padded.paste(panel, ((size[0] - panel.width) // 2, 0))
    return padded


def _rounded(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *size), RADIUS, fill=255)
    return mask
