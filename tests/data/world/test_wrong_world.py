"""What is typed wrongly is told with the way out, and nothing half-made is left behind."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.identity import digest_of_file
from tegenkracht.core.progress import silent
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.world import make_from_settings, make_world, read_world, worlds
from tegenkracht.data.world.truth import prevalence, read_truth
from tegenkracht.data.world.world import World

SECTORS = "football_club, local_council, marina, neighbourhood, shopping_strip"
SETTINGS = ["world=clean", "scale=0.01", "seed=1", "sectors=marina"]


def make(to: Path, world: World, *, seed: int = 1, force: bool = False, progress: object = silent) -> Path:
    """Marinas of a world at a hundredth."""
    make_world(world, scale=0.01, seed=seed, sectors=["marina"], to=to, force=force, progress=progress)
    return to


def files(folder: Path) -> dict[str, str]:
    """Digest of every file of a world, its truth included."""
    places = (folder, folder.with_name(f"{folder.name}.truth"))
    return {f"{place.suffix}/{path.name}": digest_of_file(path) for place in places for path in place.iterdir()}


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        (["scale=0.1", "seed=1"], ["world: this setting is missing. Write for example world=selected."]),
        (
            ["world=selcted", "scale=0.1", "seed=1"],
            [f"world: there is no world `selcted`. Choose one of: {', '.join(worlds())}."],
        ),
        (
            ["world=clean", "scal=0.1", "seed=one"],
            [
                "scal: this setting is not known. Did you mean `scale`?",
                "scale: this setting is missing. Write for example scale=0.05.",
                "seed: `one` is not a whole number. Write for example seed=1.",
            ],
        ),
        (
            ["world=clean", "scale=0", "seed=1"],
            ["scale: 0 is not above 0 and at most 1. Write for example scale=0.05."],
        ),
        (
            ["world=clean", "scale=nan", "seed=-1"],
            [
                "scale: nan is not above 0 and at most 1. Write for example scale=0.05.",
                "seed: -1 is below 0. Write for example seed=1.",
            ],
        ),
        (
            ["world=clean", "scale=1.5", "seed=1", "sectors=shops"],
            [
                "scale: 1.5 is not above 0 and at most 1. Write for example scale=0.05.",
                f"sectors: there is no sector `shops`. Choose from: {SECTORS}.",
            ],
        ),
        (
            ["world=clean", "scale=1", "seed=1", "seed=2", "big"],
            [
                "seed: this setting stands here twice. Remove one.",
                "big: this is not `key=value`. Write for example world=selected.",
            ],
        ),
        (
            ["world=clean", "scale=1", "seed=1", "sectors=marina,marina"],
            ["sectors: a sector stands here twice. Name each once."],
        ),
    ],
)
def test_wrong_settings_are_all_named_with_the_way_out(
    tmp_path: Path, settings: list[str], messages: list[str]
) -> None:
    """Nothing is written."""
    with pytest.raises(InputError, match="^" + re.escape("\n".join(messages)) + "$"):
        make_from_settings(settings, to=tmp_path / "w", force=False, progress=silent)
    assert not list(tmp_path.iterdir())


def test_settings_are_read_as_typed(tmp_path: Path) -> None:
    """Without `sectors`, all five are made; the summary says where and how much, and nothing of the truth."""
    settings = ["world=clean", "scale=0.005", "seed=3"]
    summary = make_from_settings(settings, to=tmp_path / "w", force=False, progress=silent)
    assert str(summary).startswith(f"{tmp_path / 'w'}: units 1,")
    assert "positive" not in str(summary)
    again = make_from_settings([*settings, "sectors=marina"], to=tmp_path / "w", force=True, progress=silent)
    assert again.rows["units"] == 40


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("  selection_bias: 1\n", "  selection_bais: 1\n", "switches.selection_bais: this key is not known. Did you mean `selection_bias`?"),
        ("  network: 1\n", "  network: 1.5\n", "switches.network: Input should be less than or equal to 1 (found `1.5`). Correct the value."),
        ("signal: 1\n", "", "signal: this key is missing. Fill it in."),
        ("prevalence: base\n", "prevalence: {marina: 0}\n", "Correct the value."),
    ],
)  # fmt: skip
def test_a_wrong_world_file_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, message: str
) -> None:
    """An unknown switch, an intensity outside 0-1, a missing key, a share of 0."""
    shutil.copytree(conf_folder() / "world", tmp_path / "world")
    path = tmp_path / "world" / "selected.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr("tegenkracht.data.world.world.conf_folder", lambda: tmp_path)
    with pytest.raises(InputError, match=rf"(?s)^conf/world/selected\.yaml, line .*{re.escape(message)}$"):
        read_world("selected")


def test_a_prevalence_that_cannot_be_reached_is_refused_with_the_range(tmp_path: Path) -> None:
    """A state ends with a chance of 0.04 a quarter, so at most 1 / 1.04 = 0.9615 of the units can have one."""
    world = read_world("clean").model_copy(update={"prevalence": {"marina": 0.97}})
    message = r"world, prevalence\.marina: .* It can be from 0\.0000 to 0\.9615\. Choose a prevalence in that range\."
    with pytest.raises(InputError, match=message):
        make(tmp_path / "w", world)
    assert not list(tmp_path.iterdir())


def test_a_high_prevalence_that_can_be_reached_is_reached(tmp_path: Path) -> None:
    """Nine in ten of forty marinas: 4 standard errors of 40 x 1.6 independent draws are 0.15."""
    world = read_world("clean").model_copy(update={"prevalence": {"marina": 0.9}})
    assert prevalence(read_truth(make(tmp_path / "w", world)), "marina") == pytest.approx(0.9, abs=0.15)


def test_an_unknown_sector_in_a_world_is_named(tmp_path: Path) -> None:
    """A budget for a sector that is not there would otherwise be without effect."""
    world = read_world("clean").model_copy(update={"budget": {"marinas": 0.1}})
    with pytest.raises(
        InputError, match=r"world, budget\.marinas: there is no such sector\. Choose from: football_club"
    ):
        make(tmp_path / "w", world)


def test_what_stands_in_a_folder_is_not_replaced(tmp_path: Path) -> None:
    """Neither a dataset, nor a truth beside an absent dataset, nor (even by force) other things."""
    make(tmp_path / "w", read_world("clean"))
    with pytest.raises(InputError, match=r"the folder is not empty\. Choose another folder, or add --force"):
        make_from_settings(SETTINGS, to=tmp_path / "w", force=False, progress=silent)
    (tmp_path / "x.truth").mkdir()
    (tmp_path / "x.truth" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="there is a truth here already"):
        make_from_settings(SETTINGS, to=tmp_path / "x", force=False, progress=silent)
    with pytest.raises(InputError, match="this holds other things than a truth, so --force does not replace it"):
        make_from_settings(SETTINGS, to=tmp_path / "x", force=True, progress=silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w", "w.truth", "x.truth"]


@pytest.mark.parametrize(("stage", "step"), [("set up", 0), ("live through the quarters", 30)])
def test_an_interruption_leaves_what_was_there(tmp_path: Path, stage: str, step: int) -> None:
    """Stopped while replacing a world: the old one stands, byte for byte, and nothing else."""
    before = files(make(tmp_path / "w", read_world("clean")))

    def stop(what: str, done: int, of: int) -> None:
        if what.startswith(stage) and done == step:
            raise KeyboardInterrupt(what)

    with pytest.raises(KeyboardInterrupt, match=f"^{stage}"):
        make(tmp_path / "w", read_world("clean"), seed=9, force=True, progress=stop)
    assert files(tmp_path / "w") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w", "w.truth"]


def test_when_the_truth_cannot_be_put_in_place_the_dataset_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset beside the truth of another world would be worse than an error."""
    before = files(make(tmp_path / "w", read_world("clean")))
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.parent.name == "new" and self.name == "w.truth":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match=r"the world cannot be written \(No space left on device\)"):
        make(tmp_path / "w", read_world("clean"), seed=2, force=True)
    assert files(tmp_path / "w") == before


def test_a_world_or_a_truth_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(
        InputError, match=r"world lop: there is no file conf/world/lop\.yaml\. Choose one of: adversarial"
    ):
        read_world("lop")
    with pytest.raises(InputError, match="there is no truth beside this dataset"):
        read_truth(tmp_path / "w")
