"""Figures as functions of estimates: one module a kind, two widths each, a title and a description with every value."""
