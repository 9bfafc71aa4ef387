"""The schedule: shooting days, their strips, and where they are shot."""
