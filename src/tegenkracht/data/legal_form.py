"""Legal forms of businesses, in Dutch and English, and which of them are one person's business."""

from __future__ import annotations

import pandas as pd

SOLE_TRADERS = frozenset({"eenmanszaak", "zzp", "sole_trader", "sole_proprietorship"})
"""A sole trader's record is personal data: a study says what it does with them in `purpose.sole_traders`."""

LEGAL_FORMS = SOLE_TRADERS | {
    *("vof", "maatschap", "cv", "bv", "nv", "vereniging", "stichting", "cooperatie", "onderlinge", "kerkgenootschap"),
    *("publiekrechtelijk", "buitenlands", "overig", "onbekend"),
    *("partnership", "limited_partnership", "private_limited", "public_limited", "association", "foundation"),
    *("cooperative", "mutual", "church", "public_body", "foreign", "other", "unknown"),
}


def written_plainly(forms: pd.Series) -> pd.Series:
    """Legal forms in lower case, without dots and diaeresis, with `_` for a blank: `B.V.` is `bv`."""
    plain = forms.str.lower().str.replace(".", "", regex=False).str.replace("ö", "o", regex=False)
    return plain.str.replace(r"[ -]+", "_", regex=True)


def is_sole_trader(forms: pd.Series) -> pd.Series:
    """Whether each business is one person's; not where its legal form is empty.

    Examples
    --------
    >>> is_sole_trader(pd.Series(["Eenmanszaak", "B.V.", None], dtype="str")).tolist()
    [True, False, False]
    """
    return written_plainly(forms).isin(SOLE_TRADERS)


def is_known(forms: pd.Series) -> pd.Series:
    """Whether each legal form is on the list; an empty one is."""
    return written_plainly(forms).isin(LEGAL_FORMS) | forms.isna()
