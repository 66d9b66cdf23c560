"""PyYAML's safe loader: the compiled one, ten times faster, where PyYAML was built with libyaml."""

from __future__ import annotations

import yaml

if yaml.__with_libyaml__:
    from yaml import CSafeLoader as SafeLoader
else:
    from yaml import SafeLoader  # type: ignore[assignment]  # either is a loader with the same methods

__all__ = ["SafeLoader"]
