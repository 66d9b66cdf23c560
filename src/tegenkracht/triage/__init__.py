"""Experiments made with triage, brought here: its settings, splits, matrices and results, each with what could not come along."""
