"""Which apps the office speaks with. They count up when an older one would misread an answer."""

CLIENT = 1  # what this version's own worker says it is
OLDEST = 0  # an older one may send edits, and is told nothing until it is updated
