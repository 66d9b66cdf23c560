"""Many runs of one study: Hydra's multirun, after every job has been checked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import hydra
from omegaconf import DictConfig, OmegaConf

from tegenkracht.config import check_sweep, load_spec, search_path
from tegenkracht.core.errors import TegenkrachtError
from tegenkracht.data.conf import conf_folder
from tegenkracht.progress import shown
from tegenkracht.study import run_study


def run_all(overrides: Sequence[str]) -> int:
    """Run every combination of the comma-separated values; the highest exit code of all jobs comes back.

    Jobs run one after the other in this process, so that libraries are imported and data are read from a warm machine.
    """
    check_sweep(overrides)
    codes: list[int] = []

    @hydra.main(config_path=str(conf_folder()), config_name="main", version_base="1.3")
    def job(composed: DictConfig) -> None:
        plain = OmegaConf.to_container(composed, resolve=True)
        codes.append(_run_job({str(key): value for key, value in dict(plain).items()}))  # type: ignore[arg-type]  # the root is a mapping

    arguments, sys.argv = sys.argv, ["tegenkracht", "--multirun", *overrides, *search_path()]
    try:
        job()
    finally:
        sys.argv = arguments
    return max(codes, default=1)


def _run_job(plain: dict[str, object]) -> int:
    try:
        with shown() as progress:
            print(run_study(load_spec(plain), started=datetime.now(), progress=progress).headline)
    except TegenkrachtError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0
