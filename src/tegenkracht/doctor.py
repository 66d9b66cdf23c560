"""What this machine has, in the words of somebody who must help from afar."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tegenkracht.data.conf import conf_folder

PACKAGES = (
    "tegenkracht",
    "scikit-learn",
    "lightgbm",
    "mlflow",
    "shap",
    "fairlearn",
    "hydra-core",
    "pandas",
    "numpy",
    "duckdb",
    "pyarrow",
    "psycopg",
)
_LEAST_FREE_GIB = 1.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `well` is False only when a study would fail on it."""

    what: str
    seen: str
    well: bool


@dataclass(frozen=True)
class Report:
    """All checks, as lines for a terminal."""

    checks: tuple[Check, ...]

    @property
    def is_well(self) -> bool:
        """Whether a study can run here."""
        return all(check.well for check in self.checks)

    def __str__(self) -> str:
        width = max(len(check.what) for check in self.checks)
        return "\n".join(
            f"{'ok ' if check.well else 'NOT'}  {check.what:<{width}}  {check.seen}" for check in self.checks
        )


def look() -> Report:
    """Look at Python, packages, studies, the folder and what is optional."""
    return Report((_python(), *(_package(name) for name in PACKAGES), _studies(), _folder(), _cores(), _browser()))


def _python() -> Check:
    return Check("Python", platform.python_version(), (3, 11) <= sys.version_info[:2] <= (3, 13))


def _package(name: str) -> Check:
    optional = name == "psycopg"
    try:
        return Check(name, version(name), True)
    except PackageNotFoundError:
        return Check(
            name, "not installed" + ("; only needed for PostgreSQL: tegenkracht[server]" if optional else ""), optional
        )


def _studies() -> Check:
    found = sorted(path.stem for path in (conf_folder() / "experiment").glob("*.yaml"))
    return Check("studies", ", ".join(found) or f"none in {conf_folder()}", bool(found))


def _folder() -> Check:
    here = Path.cwd()
    free = shutil.disk_usage(here).free / 2**30
    writable = os.access(here, os.W_OK)
    return Check(
        "this folder",
        f"{'writable' if writable else 'not writable'}, {free:.1f} GiB free",
        writable and free >= _LEAST_FREE_GIB,
    )


def _cores() -> Check:
    return Check("cores", str(os.cpu_count()), True)


def _browser() -> Check:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    return Check("browser", found or "none found; only needed to test cards", True)
