"""Where things lie, for the rules about the repository."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "guiju"
APPS = [
    "kernel", "org", "sop", "papers", "notify", "estate", "customers", "ledger", "sales", "knowledge",
    "desk", "quality", "registers", "reports", "api", "web", "portal",
]  # fmt: skip


def tracked_files() -> list[Path]:
    """Every file of the repository."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [p for name in done.stdout.split("\0") if name and (p := ROOT / name).is_file()]


def modules(*apps: str, inside: str = "") -> list[Path]:
    """Python files of the apps (all by default) outside migrations, below the folder `inside` or the module so named."""
    found = [p for app in apps or APPS for p in (SOURCE / app).rglob("*.py") if "migrations" not in p.parts]
    return sorted(p for p in found if not inside or inside in (*p.parts, p.stem))
