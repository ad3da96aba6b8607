"""Reads what the documentation promises: its blocks of code and its links.

Owns finding them. Must never change them.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """Give the README and all pages of the documentation."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str, language: str) -> list[str]:
    """Give the code of a page in one language."""
    found = _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return [code for kind, code in found if kind == language]


def indented(page: str, heading: str) -> str:
    """Give the indented code under a heading."""
    section = (ROOT / page).read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return "".join(line[4:] + "\n" for line in section.splitlines() if line.startswith("    "))


def relative_links(page: Path) -> list[str]:
    """Give the links of a page that lead to other files of the repository."""
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    return [
        target.split("#")[0] for target in targets if "://" not in target and not target.startswith(("#", "mailto:"))
    ]
