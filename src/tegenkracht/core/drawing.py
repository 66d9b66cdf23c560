"""Choices of a study: what a list is made of, what an interval draws, and how it is read off."""

from __future__ import annotations

from typing import Literal

Lists = Literal["per_as_of", "whole_window"]
"""One list on every as-of date, or one of all rows of the window."""
ClusterBy = Literal["unit_id", "cluster_id"]
"""Units are drawn, or clusters of units."""
VisitsBy = Literal["inspection_id", "unit_id", "cluster_id"]
"""Each visit is drawn by itself, or all those to one unit or cluster together."""
Draws = Literal["multinomial", "poisson"]
"""Counts of draws that add up to what there is, or independent ones."""
Interval = Literal["percentile", "bca"]
"""The two ways in which an interval is read off replicates."""
