"""The same seed gives the same content on every Python: what was made once is pinned here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tegenkracht.core.identity import digest_of
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world

MADE = """
import hashlib, json, sys
from pathlib import Path
from tegenkracht.core.progress import silent
from tegenkracht.data.world import make_world, read_world
from tegenkracht.data.world.mechanism import made_sectors
to = Path(sys.argv[1])
make_world(read_world("adversarial"), scale=0.03, seed=11, sectors=made_sectors(), to=to, force=False, progress=silent)
paths = sorted([*to.iterdir(), *to.with_name(to.name + ".truth").iterdir()])
print(json.dumps({path.parent.suffix + path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}))
"""


@pytest.mark.parametrize(("world", "content"), [("adversarial", "0940718452786517"), ("loop", "05ce85a641eb6952")])
def test_content_is_what_it_was(tmp_path: Path, world: str, content: str) -> None:
    """Digest of the tables of two small worlds, made first with Python 3.11 and NumPy 2.4, and again with 3.13 and 2.5.

    A change in a mechanism changes it on purpose: put the new digest here, and see that another Python gives the same.
    """
    sectors = ("marina", "football_club", "neighbourhood", "shopping_strip", "local_council")
    make_world(read_world(world), scale=0.02, seed=11, sectors=sectors, to=tmp_path / "w", force=False, progress=silent)
    assert digest_of(dict(read_dataset(tmp_path / "w").digests))[:16] == content


@pytest.mark.slow
def test_another_python_makes_the_same_bytes(tmp_path: Path) -> None:
    """Every file of all five sectors; TEGENKRACHT_OTHER_PYTHON names a Python with the same PyArrow in which tegenkracht imports."""
    other = os.environ.get("TEGENKRACHT_OTHER_PYTHON")
    if not other:
        pytest.skip("TEGENKRACHT_OTHER_PYTHON is not set")
    made = [_made_by(python, tmp_path / name) for name, python in (("this", sys.executable), ("other", other))]
    assert made[0] == made[1]
    assert len(made[0]) == 13


def _made_by(python: str, to: Path) -> dict[str, str]:
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(
        [python, "-c", MADE, str(to)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    return dict(json.loads(done.stdout))
