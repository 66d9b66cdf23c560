"""Find the level corrections of the named worlds again and put them on record in conf/world/sectors/corrections.yaml.

    python experiments/validity/corrections.py

Run it after a change to a mechanism; a slow test compares the record with what is found.
"""

from __future__ import annotations

from pathlib import Path

from tegenkracht.data.conf import conf_folder
from tegenkracht.data.world import read_world, worlds
from tegenkracht.data.world.calibrate import digest_for, find_correction
from tegenkracht.data.world.mechanism import made_sectors

HEAD = """# What is added to the level of onset so that all mechanisms together give the wanted prevalence,
# by digest of what it depends on. Made by experiments/validity/corrections.py.
"""


def main() -> None:
    lines = []
    for name in worlds():
        world = read_world(name)
        for sector in made_sectors():
            correction = find_correction(world, sector)
            print(f"{name:16} {sector:16} {correction:9.6f}", flush=True)
            if not any(digest_for(world, sector) in earlier for earlier in lines):
                lines.append(f'"{digest_for(world, sector)}": {correction:.6f}  # {name}, {sector}')
    path: Path = conf_folder() / "world" / "sectors" / "corrections.yaml"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
