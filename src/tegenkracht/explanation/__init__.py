"""What each column added to each score, exactly, and how to read it all together."""
