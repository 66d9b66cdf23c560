"""Tables in contract form: reading and writing them, checking them, and what every column in them means."""
