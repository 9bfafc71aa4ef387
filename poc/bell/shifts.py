"""Who sends: the office by itself, unless a sender of its own is at work beside it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from poc.registry import Apart, db
from sync.clock import stamp
from sync.ids import new_id

LASTS = timedelta(seconds=15)
RENEW = timedelta(seconds=5)


class Shift:
    """Whether this sender works now. Of senders apart any number may: each notice has one."""

    def __init__(self, apart: bool) -> None:
        self._apart = apart
        self._id = new_id()
        self._renewed: datetime | None = None

    def on(self, now: datetime) -> bool:
        """Say whether to work; a sender apart says at the same time that it does."""
        if not self._apart:
            others = select(Apart.id).where(Apart.until > stamp(now)).limit(1)
            return db.session.scalar(others) is None
        if self._renewed is None or now - self._renewed >= RENEW:
            db.session.merge(Apart(id=self._id, until=stamp(now + LASTS)))
            db.session.execute(delete(Apart).where(Apart.until <= stamp(now)))
            db.session.commit()
            self._renewed = now
        return True

    def end(self) -> None:
        """Leave the work to the others, at once."""
        if self._apart:
            db.session.execute(delete(Apart).where(Apart.id == self._id))
            db.session.commit()
