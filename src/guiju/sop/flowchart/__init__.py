"""The flowchart of a running definition: laid out, drawn as SVG with a live position, written as mermaid text."""

from guiju.sop.flowchart.chart import Chart, Live, chart_of, live
from guiju.sop.flowchart.mermaid import mermaid
from guiju.sop.flowchart.svg import draw

__all__ = ["Chart", "Live", "chart_of", "draw", "live", "mermaid"]
