#!/usr/bin/env python3
"""Checks the record of a case without the program that wrote it: only Python's standard library.

    python3 evidence_check.py events.json [DIGEST]

DIGEST is the one printed on the last page of the pack (总摘要). Every event of the case, and of the cases that belong to
it, is digested anew from what the file says, and must hold the digest of the event before it. Exit code 0: unchanged.
1: changed. 2: the file cannot be read.

How an event is digested: sha256 over the JSON list (UTF-8, no blanks) of company chain, place in the chain, digest of
the chain's event before, case number, place in the case, digest of the case's event before, step, state before, state
after, actor, on whose behalf, post, moment of the act, moment of recording, client's key, digest of the content. The
content's digest is sha256 over 32 random hex characters followed by the content as JSON. The digest of all (总摘要) is
sha256 over the JSON list of a list for each case: its number, how many events it has, the digest of its last event.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

FORMAT = "guiju-evidence/2"
FIELDS = (
    "chain", "seq", "previous", "case", "case_seq", "case_previous", "step", "from_state", "to_state", "actor",
    "behalf", "post", "happened_at", "recorded_at", "key", "body_digest",
)  # fmt: skip


def sha256(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest_of_all(cases: list[dict[str, Any]]) -> str:
    """Return the digest over the last digests of all cases."""
    said = [[one["case"], len(one["events"]), one["last"]] for one in cases]
    return sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")))


def problems(pack: Any, wanted: str = "") -> list[str]:
    """Return what is wrong with a pack; nothing: it is as it was written."""
    cases = pack.get("cases") if isinstance(pack, dict) and pack.get("format") == FORMAT else None
    if not isinstance(cases, list) or not all(_is_case(one) for one in cases):
        return ["这不是证据包的记录文件"]
    found = [] if any(one["events"] for one in cases) else ["没有任何记录"]
    for one in cases:
        found += _problems_of(one)
    whole = digest_of_all(cases)
    if pack.get("digest") != whole:
        found.append("文件所记的总摘要与全部记录不符")
    if wanted and wanted.lower() != whole:
        found.append("总摘要与证据包上印的不同：这份文件不是那份证据包的，或者整份被重做过")
    return found


def _is_case(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("case"), str)
        and isinstance(one.get("last"), str)
        and isinstance(one.get("events"), list)
    )


def _problems_of(one: dict[str, Any]) -> list[str]:
    found, before, place = [], "", 0
    for number, event in enumerate(one["events"], 1):
        if not isinstance(event, dict) or any(name not in event for name in (*FIELDS, "body", "digest")):
            found.append(f"{one['case']} 第 {number} 条记录缺少内容")
            continue
        name = f"{one['case']} 第 {event['case_seq']} 条记录"
        if event["case"] != one["case"]:
            found.append(f"{name}属于另一个事项 {event['case']}")
        if event["case_seq"] != number:
            found.append(
                f"{one['case']} 第 {number} 条的位置上是第 {event['case_seq']} 条记录：有记录缺失、增加或调换"
            )
        if not isinstance(event["seq"], int) or event["seq"] <= place:
            found.append(f"{name}在公司记录链上的次序不对")
        else:
            place = event["seq"]
        said = json.dumps([event[field] for field in FIELDS], ensure_ascii=False, separators=(",", ":"))
        if sha256(said) != event["digest"]:
            found.append(f"{name}与其摘要不符：被改动过")
        if event["case_previous"] != before:
            found.append(f"{name}没有接上前一条：被改动、删除或调换过")
        if event["body"] is None:
            if not event.get("erased_at"):
                found.append(f"{name}的内容缺失")
        elif sha256(event["body"]) != event["body_digest"]:
            found.append(f"{name}的内容被改动过")
        before = event["digest"]
    if one["last"] != before:
        found.append(f"{one['case']} 所记的末条摘要与最后一条记录不符")
    return found


def main(words: list[str]) -> int:
    """Check the file that is named; say what was found."""
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 2
    # The digest may be typed as it is printed, in groups.
    wanted = "".join(words[1:])
    try:
        pack = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"文件读不出来：{error}")
        return 2
    wrong = problems(pack, wanted)
    for text in wrong:
        print(f"不符：{text}")
    if wrong:
        print(f"结论：发现 {len(wrong)} 处不符，这份记录不可信。")
        return 1
    for one in pack["cases"]:
        print(
            f"事项 {one['case']}：{len(one['events'])} 条记录首尾相接，内容与摘要一致。末条摘要 {one['last']}"
        )
    print(
        f"共 {len(pack['cases'])} 个事项、{sum(len(one['events']) for one in pack['cases'])} 条记录，没有改动。"
    )
    print(f"总摘要：{pack['digest']}")
    if wanted:
        print("与证据包上印的总摘要一致。")
    else:
        print("请与证据包最后一页印的「总摘要」逐字核对，或者把它写在命令后面。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
