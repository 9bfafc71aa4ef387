"""Writers that wait for each other anyway are written together, with one wait for the disk."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")
PATIENCE = 0.05  # seconds; those who are nearly there come in far less


@dataclass
class Ticket(Generic[Asked, Told]):
    """What somebody wants written, and what became of it."""

    asked: Asked
    told: list[Told] = field(default_factory=list)
    trouble: Exception | None = None
    done: bool = False


@dataclass
class Together(Generic[Asked, Told]):
    """Whoever is next takes along everybody who came while the disk was busy, or is coming in.

    `write` writes all of them in one transaction. If it fails, each is written alone, so that
    nobody's trouble is anybody else's.
    """

    write: Callable[[Sequence[Asked]], list[Told]]
    patience: float = PATIENCE
    _waiting: list[Ticket[Asked, Told]] = field(default_factory=list)
    _coming: int = 0
    _door: Condition = field(default_factory=Condition)
    _turn: Lock = field(default_factory=Lock)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Say that somebody will be here in a moment: whoever writes next waits for them."""
        with self._door:
            self._coming += 1
        try:
            yield
        finally:
            with self._door:
                self._coming -= 1
                self._door.notify_all()

    def __call__(self, asked: Asked) -> Told:
        """Write what is asked; return once it is on disk, by whoever's hand."""
        ticket: Ticket[Asked, Told] = Ticket(asked)
        with self._door:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                with self._door:
                    self._door.wait_for(lambda: not self._coming, self.patience)
                    those, self._waiting = self._waiting, []
                self._settle(those)
        if ticket.trouble:
            raise ticket.trouble
        return ticket.told[0]

    def _settle(self, those: list[Ticket[Asked, Told]]) -> None:
        try:
            told = self.write([ticket.asked for ticket in those])
        except Exception as trouble:
            if len(those) > 1:
                for ticket in those:
                    self._settle([ticket])
                return
            those[0].trouble = trouble
        else:
            for ticket, one in zip(those, told, strict=True):
                ticket.told.append(one)
        finally:
            for ticket in those:
                ticket.done = True
