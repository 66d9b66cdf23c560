"""Closed loops and studies over made worlds: the only reader of truth outside `data.world`."""
