"""Calendars: a person's own calls at an address of their own, for the calendar on their phone."""
