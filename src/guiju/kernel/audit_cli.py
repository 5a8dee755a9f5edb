"""``guiju audit verify``: checks the chain of events and what stands beside it, and names what is wrong."""

from __future__ import annotations

import argparse
import json
import sys

from guiju.kernel import audit


def main(args: argparse.Namespace) -> int:
    """Verify all chains; return 0 when nothing is wrong, else 1."""
    shown = False

    def progress(count: int) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            shown = True
            print(f"\r已核对 {count} 条记录……", end="", file=sys.stderr, flush=True)

    report = audit.verify_all(progress=progress)
    if shown:
        print(file=sys.stderr)
    if args.json:
        counts = {"chains": report.chains, "events": report.events, "anchors": report.anchors}
        findings = [vars(finding) for finding in report.findings]
        print(json.dumps({"ok": report.ok, **counts, "findings": findings}, ensure_ascii=False))
        return 0 if report.ok else 1
    for finding in report.findings:
        where = f"记录编号 {finding.event_id}，" if finding.event_id is not None else ""
        whose = f"公司 {finding.chain_id}：" if finding.chain_id else ""
        print(f"{whose}{where}{finding.text}")
    if report.ok:
        print(f"核对无误：{report.chains} 条链，{report.events} 条记录，{report.anchors} 个库外锚点。")
        return 0
    print(
        f"发现 {len(report.findings)} 处不符：{report.chains} 条链，{report.events} 条记录，{report.anchors} 个库外锚点。"
    )
    return 1
