"""Learning from places where something was found and places of which nothing is known (methods B-9)."""

from tegenkracht.models.positive_unlabelled.elkan_noto import ElkanNoto
from tegenkracht.models.positive_unlabelled.nn_pu import NonNegativePU
from tegenkracht.models.positive_unlabelled.sar_em import SarEM

__all__ = ["ElkanNoto", "NonNegativePU", "SarEM"]
