"""What a result belongs to, as a digest: the same content gives the same digest on every machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import tegenkracht


def digest_of(content: Any) -> str:
    """SHA-256 of content that JSON can hold, whatever the order of its keys.

    Examples
    --------
    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_code() -> str:
    """SHA-256 over every Python file of this package, by name and content."""
    return digest_of_files(Path(tegenkracht.__file__).parent, "*.py")


def digest_of_files(root: Path, pattern: str) -> str:
    """SHA-256 over the files below a folder whose name is like a pattern, by name and content."""
    return digest_of({path.relative_to(root).as_posix(): digest_of_file(path) for path in sorted(root.rglob(pattern))})
