"""The model card: a run's facts become a tree of plain data, and that tree alone becomes pages and plots in two languages."""
