"""What became of one key of an experiment file, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fate = Literal["taken over", "changed", "no counterpart", "added"]


@dataclass(frozen=True)
class Note:
    """One line of the account.

    Parameters
    ----------
    key
        Dotted key of triage's file; "" for what was added.
    fate
        `changed`: there is a counterpart, and it is not the same.
    became
        Dotted key of our study, or "".
    why
        A sentence.
    """

    key: str
    fate: Fate
    became: str
    why: str


def one_line(text: object, *, longest: int = 160) -> str:
    r"""Text from elsewhere on one line, without control characters and without what a settings file would act on.

    Examples
    --------
    >>> one_line("a\n  ${b}")
    'a $ {b}'
    """
    words = " ".join(str(text).split()).replace("${", "$ {").replace("???", "? ? ?")
    plain = "".join(c if c.isprintable() else "�" for c in words)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
