"""Which apps the office speaks with. They count up when an older one would misread an answer."""

OLDEST = 0  # an older one may send edits, and is told nothing until it is updated
CLIENT = 1  # what this version's own worker says it is
