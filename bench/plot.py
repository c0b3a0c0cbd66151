"""The ratios as an SVG: a bar for each line and mode; the naive handlers are the line at 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.figures import MODES, Figures, Row, ratios

_CONFIGURATION = {
    "js": [],
    "no_prefix": True,  # else each plot has random names in it
    "disable_xml_declaration": True,
    "print_values": True,
    "width": 900,
    "height": 560,
    "legend_at_bottom": True,
    "truncate_label": -1,
    "margin": 16,
    "y_labels": [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
    "y_labels_major": [1],
}


def draw(figures: Figures, path: Path | str) -> None:
    """Write the plot; the same figures give the same file."""
    import pygal
    from pygal.style import Style

    style = Style(
        background="white",
        plot_background="white",
        colors=("#4c78a8", "#f58518"),
        font_family="sans-serif",
        label_font_size=13,
        major_label_font_size=13,
        value_font_size=12,
        legend_font_size=14,
        title_font_size=16,
    )
    rows = ratios(figures)[::-1]  # pygal begins at the bottom
    chart = pygal.HorizontalBar(style=style, title="ours ÷ naive (1 is the naive handler)", **_CONFIGURATION)
    chart.x_labels = [label(row) for row in rows]
    chart.value_formatter = lambda value: f"{value:.2f}"
    for place, mode in enumerate(MODES):
        chart.add(mode, [row.values[place] for row in rows])
    chart.add_xml_filter(_without_scripts)
    chart.render_to_file(str(path))


def label(row: Row) -> str:
    """What a line is called, with its targets: `cost (≤ 0.25)`."""
    wanted = " and ".join(dict.fromkeys(str(target) for target in row.targets if target))
    return row.name.replace("`", "") + (f" ({wanted})" if wanted else "")


def _without_scripts(root: Any) -> Any:
    """The plot is shown where no script runs; pygal writes one even if it has nothing to do."""
    for parent in list(root.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return root
