"""The change: what moves late in the evening, whom it concerns, and what each of them will read."""
