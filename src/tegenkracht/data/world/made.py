"""How a made-up world came about, and whether what stands in a folder is still the world that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tegenkracht.core.errors import wrong
from tegenkracht.core.identity import digest_of, digest_of_files
from tegenkracht.data.dictionary import Made, read_description
from tegenkracht.data.sector import read_sector
from tegenkracht.data.world.mechanism import read_mechanism
from tegenkracht.data.world.world import World


def made_of(world: World, *, scale: float, seed: int, sectors: Sequence[str]) -> Made:
    """What `dataset.yaml` says of how a world is made today."""
    mechanisms = {name: (read_mechanism(name), read_sector(name)) for name in sectors}
    return Made(
        world=world.name,
        scale=scale,
        seed=seed,
        sectors=tuple(sorted(sectors)),
        settings=digest_of(world.model_dump(mode="json")),
        generator=digest_of(
            {
                "code": digest_of_files(Path(__file__).parent, "*.py"),
                "sectors": {name: [one.model_dump(mode="json") for one in both] for name, both in mechanisms.items()},
            }
        ),
    )


def is_still_made(folder: Path, world: World, *, scale: float, seed: int, sectors: Sequence[str]) -> bool:
    """Whether the world in a folder is the one that is asked; False where an earlier generator made it.

    Raises
    ------
    InputError
        When the folder holds data that were not made, or another world: nothing is made over those.
    """
    description, _ = read_description(folder)
    asked = made_of(world, scale=scale, seed=seed, sectors=sectors)
    made = description.made
    if made is None and not (description.synthetic and description.name == name_of(world)):
        raise wrong(
            str(folder),
            "the study asks for a made-up world, and these data were not made as one.",
            "Leave `data.world` out of the study, or write data.path=… for the world.",
        )
    if made is None:  # before worlds said how they were made
        return False
    differs = [
        f"{name} {_written(getattr(made, name))} (asked: {_written(getattr(asked, name))})"
        for name in ("world", "scale", "seed", "sectors")
        if getattr(made, name) != getattr(asked, name)
    ]
    if not differs and made.settings != asked.settings:
        differs = ["other settings of that world (its prevalence or a switch)"]
    if differs:
        raise wrong(
            str(folder),
            f"another made-up world stands here: {', '.join(differs)}.",
            "Write data.path=… for the world that is asked, or remove this folder and the one with its truth.",
        )
    return made.generator == asked.generator


def name_of(world: World) -> str:
    """The name of a dataset that is this world."""
    return f"world_{world.name.replace('+', '_')}"


def _written(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
