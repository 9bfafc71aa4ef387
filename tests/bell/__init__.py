"""The bell, tried against a push service that is as strict as the real ones."""
