"""Calendars have no page of their own: other areas' pages ask for what is here."""

from poc.area import Area

area = Area("poc.calendar")
