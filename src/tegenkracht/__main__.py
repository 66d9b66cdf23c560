"""`python -m tegenkracht`: the same as `tegenkracht`."""

from __future__ import annotations

import sys

from tegenkracht.cli import main

if __name__ == "__main__":
    sys.exit(main())
