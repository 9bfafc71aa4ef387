"""Times as people read them. A device's clock is corrected for show and never decides anything."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Write an instant as ISO text in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def corrected(at: object, sent_at: object, received: datetime) -> str:
    """Say when a change was really made: as long before it arrived as the device says."""
    made, sent = _read(at), _read(sent_at)
    if made is None or sent is None or made > sent:
        return stamp(received)
    try:
        return stamp(received - (sent - made))
    except OverflowError:
        return stamp(received)


def _read(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse(text: str) -> datetime:
    """Read an instant that `stamp` wrote."""
    return datetime.fromisoformat(text)
