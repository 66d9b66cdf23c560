"""Two runs of one study that begin in the same second do not harm each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.run_folder import whole_or_nothing


@pytest.mark.parametrize("other_is_done", [True, False])
def test_a_second_run_of_the_same_name_is_refused_and_the_first_stays(tmp_path: Path, other_is_done: bool) -> None:
    """Whether the first is done or is still being written: its files stay, and the way out is told."""
    first = whole_or_nothing(tmp_path, "study", "run")
    folder = first.__enter__()
    (folder / "card.json").write_text("{}")
    if other_is_done:
        first.__exit__(None, None, None)
    with (
        pytest.raises(InputError, match=r"study/run: a run of this study that began in the same second has this name"),
        whole_or_nothing(tmp_path, "study", "run"),
    ):
        pass
    if not other_is_done:
        first.__exit__(None, None, None)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")] == ["study/run/card.json"]
