"""One module for each format that tables are read from; all give the same `RawTable`."""
