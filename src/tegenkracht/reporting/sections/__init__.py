"""The parts of a card, one module each: a function of the run's facts and estimates that gives a section, or None when there is nothing to say."""
