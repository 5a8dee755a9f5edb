"""Writes a chart as mermaid text, for documents elsewhere."""

from __future__ import annotations

from guiju.sop.flowchart.chart import Act, Chart, Live


def mermaid(chart: Chart, *, live: Live | None = None) -> str:
    """Return the chart as a mermaid flowchart: states as boxes, steps on the arrows with post and clause."""
    keys = {value: f"s{index}" for index, value in enumerate(chart.boxes)}
    found = ["flowchart TD", f"  begin(( )) -->|{_said(chart.opening)}| {keys[chart.spine[0]]}"]
    for value, box in chart.boxes.items():
        label = _quoted("<br>".join([box.label, *box.limits]))
        found.append(f"  {keys[value]}([{label}])" if box.ends else f"  {keys[value]}[{label}]")
    for act in chart.acts:
        for source in act.sources:
            goal = keys[act.target] if act.target else keys[source]
            if act.target is None and source != act.sources[0]:
                continue
            arrow = "==>" if act.main else "-->" if _forward(chart, source, act) else "-.->"
            found.append(f"  {keys[source]} {arrow}|{_said(act)}| {goal}")
    if live and live.here:
        found.append(f"  style {keys[live.here]} fill:#2257a8,stroke:#2257a8,color:#ffffff")
    return "\n".join(found) + "\n"


def _forward(chart: Chart, source: str, act: Act) -> bool:
    if act.target is None:
        return True
    if source in chart.spine and act.target in chart.spine:
        return chart.spine.index(act.target) > chart.spine.index(source)
    return True


def _said(act: Act) -> str:
    parts = [f"{act.index} {act.label}", act.posts, act.number]
    return _quoted("<br>".join(part for part in parts if part))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'").replace("|", "／") + '"'
