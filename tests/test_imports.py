"""The import directions of setup.cfg hold: HTTP -> service -> store interface <- drivers."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_import_directions():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--config", "setup.cfg", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_package_can_be_imported_from_a_driver_first():
    """Drivers import parts of the package that offers ``create_app``, which imports the drivers."""
    subprocess.run([sys.executable, "-c", "import backends.s3; import catalog; catalog.create_app"], check=True)
