"""Two runs of one study that begin in the same second do not harm each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.run_folder import whole_or_nothing


def begin_again(folder: Path) -> None:
    """A run of the same name is refused, and the way out is told."""
    told = r"study/run: a run of this study that began in the same second has this name\. Start this one again\."
    with pytest.raises(InputError, match=told), whole_or_nothing(folder, "study", "run"):
        pass


def test_a_second_run_of_the_same_name_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    """While the first is being written, and when it is done."""
    with whole_or_nothing(tmp_path, "study", "run") as folder:
        (folder / "card.json").write_text("{}")
        begin_again(tmp_path)
    begin_again(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")] == ["study/run/card.json"]
