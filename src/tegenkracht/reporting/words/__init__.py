"""The words of a card: one catalogue per language with the same keys, and how its readers write numbers and dates."""
