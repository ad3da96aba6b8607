"""What the documentation says is so: its code runs, its tables are the program's, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks, indented, pages, relative_links
from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.disk_images import make_disk_image
from tests.servers.process import find_program

URL = "http://127.0.0.1:9292"


def _run(words: list[str], folder: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """Run a program with the commands of this Python first on PATH and no foreign settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False, **options
    )


@pytest.fixture(scope="module")
def catalog() -> Iterator[Calotype]:
    with Calotype() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the image that the pages talk of."""
    made = make_disk_image("qcow2", tmp_path)
    made.path.rename(tmp_path / "debian.qcow2")
    return tmp_path


def _check_copy(folder: Path) -> None:
    assert (folder / "copy.qcow2").read_bytes() == (folder / "debian.qcow2").read_bytes()


@pytest.mark.parametrize("number", range(3))
def test_commands_of_the_clients_page(catalog: Calotype, folder: Path, number: int):
    scripts = blocks("docs/clients.md", "sh")
    assert len(scripts) == 3
    script = scripts[number]
    assert URL in script
    done = _run(["bash", "-euxo", "pipefail", "-c", script.replace(URL, catalog.url)], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    _check_copy(folder)
    assert Client(catalog.url).names() == []


def test_python_of_the_clients_page(catalog: Calotype, folder: Path):
    (script,) = blocks("docs/clients.md", "python")
    assert URL in script
    done = _run([sys.executable, "-c", script.replace(URL, catalog.url)], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "['debian']" in done.stdout
    _check_copy(folder)


def test_commands_of_the_readme(catalog: Calotype, folder: Path):
    script = indented("README.md", "The first image")
    commands = "\n".join(line for line in script.splitlines() if not line.startswith("pip install"))
    assert URL in commands
    commands += "\no image delete debian"
    done = _run(["bash", "-eux", "-O", "expand_aliases", "-c", commands.replace(URL, catalog.url)], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    _check_copy(folder)


@pytest.mark.parametrize("number", range(3))
def test_examples_of_the_testing_page(tmp_path: Path, number: int):
    examples = blocks("docs/testing.md", "python")
    assert len(examples) == 3
    (tmp_path / "test_example.py").write_text(examples[number])
    done = _run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_page_of_settings_is_what_the_command_prints(tmp_path: Path):
    printed = _run([find_program("calotype", "pip install -e ."), "settings"], tmp_path)
    assert printed.stdout == (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_page_of_metrics_is_what_the_command_prints(tmp_path: Path):
    printed = _run([find_program("calotype", "pip install -e ."), "metrics-table"], tmp_path)
    assert printed.stdout == (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    missing = [target for target in relative_links(page) if not (page.parent / target).exists()]
    assert missing == []


def test_settings_that_pages_name_exist():
    known = set(re.findall(r"`(CALOTYPE_\w+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert len(known) > 30
    named = {name for page in pages() for name in re.findall(r"CALOTYPE_[A-Z0-9_]+", page.read_text(encoding="utf-8"))}
    assert {name for name in named if not name.endswith("_")} <= known
