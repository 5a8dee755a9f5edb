"""The content of an SOP: read from its file, checked against the schema, changed by values, turned into a policy.

Content is plain JSON data as ``schema.json`` describes it. Steps, clocks and settings are lists, so that their order
survives every database.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from guiju.kernel.policy import POINT_KINDS, ApprovalSeat, ClockPolicy, Point, Policy, StepPolicy

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Content = dict[str, Any]

KINDS: Final = {
    "manual": "作业标准书",
    "process": "工作流程",
    "procedure": "程序文件",
    "instruction": "作业指导书",
}
CATEGORIES: Final = ("客户服务", "销售管理", "质量控制", "设备维护", "安全操作", "生产")
"""Categories that G-2-b to G-2-e name, and those of this department. A document may name another."""

WORDS: Final = {
    "code": "文件编号", "title": "名称", "kind": "类别", "category": "分类", "process": "流程", "number": "编号",
    "department": "部门", "audience": "适用岗位", "control": "文件控制", "prepared": "编制", "reviewed": "审核",
    "approved": "批准", "effective": "实施日期", "version": "版本", "review": "复审周期", "revisions": "修订记录",
    "date": "日期", "text": "修订内容", "purpose": "目的", "scope": "适用范围", "parts": "正文", "sections": "节",
    "words": "正文", "clauses": "条款", "id": "条款代码", "steps": "步骤", "step": "步骤", "label": "名称",
    "posts": "岗位", "clause": "条款", "points": "控制要点", "key": "代码", "required": "必办", "hard": "不可放行",
    "approval": "审批", "order": "顺序", "post": "岗位", "when": "条件", "documents_in": "收到资料",
    "documents_out": "形成资料", "forms": "表格", "form": "表格", "script": "话术", "caution": "注意事项",
    "override_post": "放行岗位", "clocks": "时限", "clock": "时限", "limit": "期限", "fields": "栏目", "remind": "提醒",
    "escalate": "升级", "after": "时间", "settings": "参数", "setting": "参数", "value": "值", "names": "各项名称", "unit": "单位",
    "minimum": "下限", "maximum": "上限", "kpis": "指标", "kpi": "指标", "formula": "计算方法", "target": "目标",
    "emergency": "紧急处理", "related": "相关文件", "document": "文件",
}  # fmt: skip
"""What people call the parts of a document."""

NAMED_BY: Final = {
    "steps": "step", "clocks": "clock", "settings": "setting", "kpis": "kpi", "clauses": "id", "points": "key",
    "parts": "title", "sections": "title", "forms": "title", "related": "title", "revisions": "version",
}  # fmt: skip


class BadFile(Exception):
    """The file is no SOP that could be read; says why."""


class _Loader(yaml.SafeLoader):
    """YAML without surprises: days, yes and no stay what was typed; a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise BadFile(f"第 {key_node.start_mark.line + 1} 行：「{key}」写了两次")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> Content:
    """
    Read an SOP file.

    :raises BadFile: it is no YAML, or no document.
    """
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFile(f"第 {line} 行读不懂：{error.problem}") from error
    except yaml.YAMLError as error:
        raise BadFile(f"文件读不懂：{error}") from error
    if not isinstance(found, dict):
        raise BadFile("文件里没有作业标准书")
    content: Content = _tidy(found)
    return content


def read_file(path: Path) -> Content:
    """
    Read an SOP file from the disk.

    :raises BadFile: it cannot be read; names the file.
    """
    try:
        known = path.stat()
    except OSError as error:
        raise BadFile(f"{path.name}：文件打不开") from error
    content: Content = json.loads(_read_once(path, known.st_mtime_ns, known.st_size))
    return content


@lru_cache(maxsize=128)
def _read_once(path: Path, written: int, size: int) -> str:
    """Return a file's content as JSON, read once as long as the file stays as it is."""
    try:
        return json.dumps(read(path.read_text(encoding="utf-8")), ensure_ascii=False)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name}：文件打不开") from error
    except BadFile as error:
        raise BadFile(f"{path.name}：{error}") from error


def _tidy(value: Any) -> Any:
    """Join the lines that a file breaks between Chinese characters, and take off what surrounds a text."""
    if isinstance(value, dict):
        return {str(key): part if key == "number" else _tidy(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_tidy(part) for part in value]
    if isinstance(value, str):
        return re.sub(r"(?<=[⺀-鿿，。；：、）」》]) (?=[⺀-鿿（「《])", "", value.strip())
    if isinstance(value, date):
        return value.isoformat()
    return value


@cache
def _schema() -> Draft202012Validator:
    # Slow to load, and needed when a document is checked only.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(
        json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
    )


def misfits(content: Content) -> list[tuple[str, str]]:
    """Return where the content does not fit the schema: (place in the document, sentence)."""
    found = sorted(
        _schema().iter_errors(content), key=lambda error: [str(part) for part in error.absolute_path]
    )
    return list(
        dict.fromkeys((place(content, list(error.absolute_path)), _sentence(error)) for error in found)
    )


def place(content: Any, path: list[str | int]) -> str:
    """Write a path as people find it: 步骤「签署认购书」 控制要点 1 名称."""
    words: list[str] = []
    here: Any = content
    inside = ""
    for part in path:
        here = here[part] if here is not None else None
        if isinstance(part, int):
            name = (
                here.get("label") or here.get("title") or here.get(NAMED_BY.get(inside, ""))
                if isinstance(here, dict)
                else ""
            )
            if words:
                words[-1] += f"「{name}」" if name else f" {part + 1}"
        else:
            words.append(WORDS.get(part, part))
            inside = part
    return " ".join(words) or "全文"


def _sentence(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    schema: Any = error.schema
    given: Any = error.instance
    match error.validator:
        case "required":
            missing = [
                WORDS.get(name, name) for name in wanted if isinstance(given, dict) and name not in given
            ]
            return f"缺{'、'.join(f'「{name}」' for name in missing)}"
        case "additionalProperties":
            known = schema.get("properties", {})
            return f"没有{'、'.join(f'「{name}」' for name in given if name not in known)}这一项"
        case "type":
            return "格式不对"
        case "enum" | "const":
            return f"「{given}」不在可选范围内"
        case "minLength" | "minItems":
            return "没有写"
        case "maxLength":
            return f"太长，最多 {wanted} 个字"
        case "uniqueItems":
            return "有重复"
        case "not":
            return "只有工作流程才能写「流程」"
        case "pattern":
            if wanted == "^-":
                return f"提醒「{given}」应写作 -3 日"
            return f"「{given}」的写法不对"
        case "minimum" | "maximum":
            return f"「{given}」超出范围"
    return "写法不对"


def digest(content: Content) -> str:
    """Return the sha256 of the content, whatever order its keys are in."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# --- values ----------------------------------------------------------------------------------------------------------
class NoSuchValue(Exception):
    """The document has no such value, or it may not differ by company and project."""


def value_of(content: Content, path: str) -> Any:
    """
    Return a value that may differ by company and project: ``settings.<name>`` or ``clocks.<name>.limit``.

    :raises NoSuchValue: there is none.
    """
    row, key = _slot(content, path)
    return row.get(key)


def with_values(content: Content, values: Mapping[str, Any]) -> Content:
    """
    Return the content with values of a company or project put in.

    :raises NoSuchValue: the document lacks one of them.
    """
    changed = deepcopy(content)
    for path, value in values.items():
        row, key = _slot(changed, path)
        row[key] = value
    return changed


def has_value(content: Content, path: str) -> bool:
    """Return whether the document has the value."""
    try:
        _slot(content, path)
    except NoSuchValue:
        return False
    return True


def _slot(content: Content, path: str) -> tuple[dict[str, Any], str]:
    kind, _, rest = path.partition(".")
    name, _, key = rest.partition(".")
    if (kind, key) not in {("settings", ""), ("clocks", "limit")}:
        raise NoSuchValue(f"「{path}」不能按公司或项目另定，可以另定的是参数和时限")
    for row in content.get(kind, []):
        if row[NAMED_BY[kind]] == name:
            return row, key or "value"
    raise NoSuchValue(f"《{content.get('title', '')}》没有「{path}」")


# --- policy ----------------------------------------------------------------------------------------------------------
def policy_of(content: Content, *, key: int, version: str) -> Policy:
    """Build what the kernel uses of a document."""
    numbers = {row["id"]: row["number"] for row in content.get("clauses", [])}

    def step(row: Mapping[str, Any]) -> StepPolicy:
        clause = row.get("clause", "")
        return StepPolicy(
            name=row["step"],
            label=row.get("label", ""),
            posts=tuple(row.get("posts", ())),
            clause=clause,
            number=numbers.get(clause, ""),
            words=_with_caution(row),
            points=tuple(_point(point, numbers, clause) for point in row.get("points", ())),
            approval=tuple(
                ApprovalSeat(seat["order"], seat["post"], seat.get("when"))
                for seat in row.get("approval", ())
            ),
            documents_in=tuple(row.get("documents_in", ())),
            documents_out=tuple(row.get("documents_out", ())),
            forms=tuple(row.get("forms", ())),
            script=row.get("script", ""),
            override_post=row.get("override_post", ""),
        )

    return Policy(
        id=key,
        code=content["code"],
        version=version,
        title=content["title"],
        process=content.get("process", ""),
        steps={row["step"]: step(row) for row in content.get("steps", [])},
        clocks={row["clock"]: _clock(row) for row in content.get("clocks", [])},
        settings={row["setting"]: row["value"] for row in content.get("settings", [])},
        clauses={
            row["id"]: {"number": row["number"], "words": row["words"]} for row in content.get("clauses", [])
        },
    )


def _with_caution(row: Mapping[str, Any]) -> str:
    """Return what the step demands, with what to beware of: both are shown at the task (G-4.1-b)."""
    caution = row.get("caution", "")
    return f"{row['words']}注意：{caution}" if caution else str(row["words"])


def _point(row: Mapping[str, Any], numbers: Mapping[str, str], of_step: str) -> Point:
    clause = row.get("clause", of_step)
    return Point(
        key=row["key"],
        label=row["label"],
        kind=row["kind"],
        required=row.get("required", True),
        clause=clause,
        number=numbers.get(clause, ""),
        hard=row.get("hard", False),
        fields=tuple(row.get("fields", ())),
    )


def _clock(row: Mapping[str, Any]) -> ClockPolicy:
    return ClockPolicy(
        name=row["clock"],
        label=row["label"],
        limit=row.get("limit", ""),
        remind=tuple(row.get("remind", ())),
        escalate=tuple(
            ("0" if rung["after"] == "到期" else rung["after"], rung["post"])
            for rung in row.get("escalate", ())
        ),
        clause=row.get("clause", ""),
        words=row["words"],
    )


def point_kind(kind: str) -> str:
    """Return the Chinese name of a kind of control point."""
    return POINT_KINDS.get(kind, kind)


def texts(content: Content) -> Iterator[tuple[list[str | int], str]]:
    """Yield every text that people read, with its path."""
    machine = {"code", "kind", "process", "step", "clock", "setting", "kpi", "key", "id", "clause", "post", "when", "form", "document", "date", "effective", "version", "override_post"}  # fmt: skip
    yield from _texts(content, [], machine)


def _texts(value: Any, path: list[str | int], machine: set[str]) -> Iterator[tuple[list[str | int], str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in machine:
                yield from _texts(part, [*path, key], machine)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, [*path, index], machine)
    elif isinstance(value, str) and path and path[-1] not in {"posts", "audience", "forms"}:
        if not (len(path) > 1 and path[-2] in {"posts", "audience", "forms", "clauses"}):
            yield path, value
