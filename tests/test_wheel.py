"""The built wheel carries the studies: installed where nothing else is, it runs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import tegenkracht

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this clone."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_studies_words_and_fonts(wheel):
    """Everything that is read at run time and is not Python, and no test or data."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for part in (
        "conf/main.yaml",
        "conf/experiment/marina.yaml",
        "conf/sector/marina.yaml",
        "reporting/words/nl/findings.yaml",
        "reporting/page.css",
        "reporting/fonts/OFL.txt",
    ):
        assert f"tegenkracht/{part}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "data/", "outputs/", "conf/"))]


def _take_compiled_kernels(installed: Path) -> None:
    """Kernels that this clone has compiled are taken along: Numba reads them where a file has the time and size of the one they were made of."""
    source = Path(tegenkracht.__file__).parent
    for module in source.rglob("*.py"):
        shutil.copystat(module, installed / module.relative_to(source))
    for kept in source.rglob("__pycache__/*.nb[ci]"):
        own = installed / kept.relative_to(source)
        own.parent.mkdir(exist_ok=True)
        shutil.copy2(kept, own)


def test_an_installed_wheel_runs_a_study_in_an_empty_folder(wheel, tmp_path):
    """A new environment that sees this one's libraries but not this clone; its data are made on the way."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    zipfile.ZipFile(wheel).extractall(site)
    _take_compiled_kernels(site / "tegenkracht")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    empty = tmp_path / "empty"
    empty.mkdir()
    small = ["data.world.scale=0.02", "evaluate.replicates=100", "review.capacity=20", "tracking=off"]
    small += ["explain.refits=0", "explain.importance=null", "explain.learned=null", "explain.missed=null"]
    small += ["explain.place_pages=none", "audit.origins=null", "audit.intersections=[]", "evaluate.chances=null"]
    small += ["evaluate.pooled=null", "evaluate.inspections=null"]
    small += [f"~model@models.{name}" for name in ("additive", "scorecard", "logistic", "prior", "random")]
    code = "import sys, tegenkracht; from tegenkracht.cli import main; print(tegenkracht.__file__); sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [str(home / "bin" / "python"), "-c", code, "run", "experiment=shopping_strip", *small],
        cwd=empty,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert str(home) in done.stdout.splitlines()[0]
    assert len(list(empty.glob("outputs/shopping_strip/*/card.nl.html"))) == 1
