"""The nouns that every other layer speaks in: frozen records and the errors that name what is wrong."""
