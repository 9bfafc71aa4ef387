"""The mail: what reaches a person whose phone did not, and the list of those left to ring."""
