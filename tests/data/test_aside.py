"""What is written aside is put in place whole or not at all, also when the writer is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tegenkracht.data.aside import aside_of, put_in_place

WRITES = """
import sys, time
from pathlib import Path
from typing import Any
from tegenkracht.data.aside import aside_of
with aside_of(Path(sys.argv[1])) as aside:
    (aside / "new" / "w").mkdir()
    (aside / "new" / "w" / "half.txt").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""
CLI = "import sys; from tegenkracht.cli import main; sys.exit(main(sys.argv[1:]))"
MAKES = ["-c", CLI, "data", "make", "world=clean", "scale=0.3", "seed=1", "sectors=neighbourhood"]


def names(folder: Path) -> list[str]:
    """What stands in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def fill(folder: Path, text: str) -> None:
    """A folder with one file."""
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text(text)


def text(folder: Path) -> str:
    """What that file says."""
    return (folder / "text.txt").read_text()


def writer(target: Path) -> subprocess.Popen[str]:
    """A process that is busy writing aside of a target."""
    process = subprocess.Popen([sys.executable, "-c", WRITES, str(target)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


def test_a_folder_is_put_in_place_and_nothing_else_is_left(tmp_path: Path) -> None:
    """Also where the parent was not there yet, and where an older one stands."""
    for said in ("one", "two"):
        with aside_of(tmp_path / "deep" / "w") as aside:
            fill(aside / "new" / "w", said)
            put_in_place(aside, [tmp_path / "deep" / "w"])
        assert text(tmp_path / "deep" / "w") == said
        assert names(tmp_path / "deep") == ["w"]


def test_what_a_killed_writer_left_is_gone_after_the_next(tmp_path: Path) -> None:
    """A killed process cannot tidy up; whoever writes there next does."""
    process = writer(tmp_path / "w")
    process.kill()
    process.communicate()
    (left,) = names(tmp_path)
    assert left.startswith(".w.")
    with aside_of(tmp_path / "w") as aside:
        assert names(tmp_path) == [aside.name]
    assert names(tmp_path) == []


def test_what_another_still_writes_is_left_alone(tmp_path: Path) -> None:
    """Two commands with the same target: the second does not take the folder from under the first."""
    process = writer(tmp_path / "w")
    try:
        before = names(tmp_path)
        with aside_of(tmp_path / "w") as aside:
            assert names(tmp_path) == sorted([*before, aside.name])
        assert names(tmp_path) == before
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("old", "new", "stand", "after"),
    [
        # killed after the old dataset was moved out, and before the new one came
        (["w"], ["w", "w.truth"], {"w.truth": "old"}, {"w": "old", "w.truth": "old"}),
        # killed after the new dataset came, while the old truth still stood
        (["w"], ["w.truth"], {"w": "new", "w.truth": "old"}, {"w": "old", "w.truth": "old"}),
        # killed after the old truth was moved out
        (["w", "w.truth"], ["w.truth"], {"w": "new"}, {"w": "old", "w.truth": "old"}),
        # killed after everything was in place
        (["w", "w.truth"], [], {"w": "new", "w.truth": "new"}, {"w": "new", "w.truth": "new"}),
    ],
)
def test_a_replacement_that_was_killed_halfway_is_undone(
    tmp_path: Path, old: list[str], new: list[str], stand: dict[str, str], after: dict[str, str]
) -> None:
    """Never a new dataset beside an old truth, and never nothing where there was something."""
    left = tmp_path / ".w.abc"
    for folder in ("old", "new"):
        (left / folder).mkdir(parents=True)
    (left / "being-written").touch()
    for name in old:
        fill(left / "old" / name, "old")
    for name in new:
        fill(left / "new" / name, "new")
    for name, said in stand.items():
        fill(tmp_path / name, said)
    with aside_of(tmp_path / "w"):
        assert {name: text(tmp_path / name) for name in after} == after
    assert names(tmp_path) == sorted(after)


def test_whoever_is_stopped_right_after_the_folder_was_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is there, and nothing else was done yet."""
    make = Path.mkdir

    def make_and_stop(folder: Path, *args: Any, **how: Any) -> None:
        make(folder, *args, **how)
        if folder.name.startswith(".w."):
            raise KeyboardInterrupt("right after the folder")

    monkeypatch.setattr(Path, "mkdir", make_and_stop)
    with pytest.raises(KeyboardInterrupt, match="right after the folder"), aside_of(tmp_path / "w"):
        pass
    assert names(tmp_path) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_asked_to_end_leaves_nothing(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C, and what a scheduler or a shutdown sends."""
    process = subprocess.Popen(
        [sys.executable, *MAKES, "--to", str(tmp_path / "w")],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
        # where a shell started the tests in the background, Ctrl-C would be ignored
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + 60
    while not names(tmp_path) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said.endswith("Stopped. Nothing half-written is left behind.\n")
    assert names(tmp_path) == []
