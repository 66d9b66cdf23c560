"""Where the shipped studies and dictionaries stand: `conf/` of a clone, or the copy inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

import tegenkracht
from tegenkracht.core.errors import wrong


def conf_folder() -> Path:
    """The folder with `main.yaml`, `experiment/`, `sector/` and the rest."""
    package = Path(tegenkracht.__file__).resolve().parent
    for folder in (package / "conf", package.parents[1] / "conf"):
        if (folder / "main.yaml").is_file():
            return folder
    raise wrong(
        "conf",
        "the shipped settings are not found beside the package.",
        "Install tegenkracht again, or run it from a clone.",
    )
