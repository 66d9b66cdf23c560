"""Which rows to learn from and which to test on, and an independent check that nothing leaks."""
