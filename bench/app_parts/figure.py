"""The figure of RESULTS.md: how each measure grows with the number of tokens, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 40, 50
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e")


def svg(title: str, sizes: Sequence[int], series: Mapping[str, Sequence[float]]) -> str:
    """A line for each series: its value at each size by that at the first one. Both axes are logarithmic."""
    ratios = {name: [value / values[0] for value in values] for name, values in series.items() if values[0]}
    most = max(2.0, *(value for values in ratios.values() for value in values))
    least = min(0.5, *(value for values in ratios.values() for value in values))

    def x(size: int) -> float:
        span = max(1e-9, log10(sizes[-1] / sizes[0]))
        return LEFT + (WIDTH - LEFT - RIGHT) * log10(size / sizes[0]) / span

    def y(ratio: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - log10(ratio / least) / log10(most / least))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
    ]
    for ratio in (0.5, 1, 2, 5, 10, 100, 1000):
        if least <= ratio <= most:
            parts.append(
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(ratio):.0f}" y2="{y(ratio):.0f}" stroke="#ddd"/>'
            )
            parts.append(f'<text x="{LEFT - 8}" y="{y(ratio) + 4:.0f}" text-anchor="end">{ratio:g} ×</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.0f}" y="{HEIGHT - 26}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">tokens</text>')
    last = sorted(ratios, key=lambda name: ratios[name][-1], reverse=True)
    label_y = 0.0
    for number, name in enumerate(last):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(size):.1f},{y(ratio):.1f}" for size, ratio in zip(sizes, ratios[name], strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        label_y = max(y(ratios[name][-1]) + 4, label_y + 15)
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{label_y:.0f}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])
