"""The lives of a database: played back from a copy, its numbers mean something else than before."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, insert, select, update

from sync.database import writing
from sync.ledger import head, life

ALL = 2**53  # above every number that is ever given out


def begin_again(engine: Engine) -> None:
    """Begin a new life, so that devices ask for a copy; remember where the old one ended."""
    with writing(engine) as connection:
        life.create(connection, checkfirst=True)
        stand = connection.execute(select(head).with_for_update()).one()
        connection.execute(insert(life).values(generation=stand.generation, seq=stand.seq))
        connection.execute(update(head).values(generation=secrets.token_hex(8)))


@dataclass
class Past:
    """How far the numbers of another life hold in this one."""

    connection: Connection
    generation: str
    _known: dict[str, int] = field(default_factory=dict)

    def knows(self, generation: str) -> bool:
        """Say whether this was the life before a restore, or one before that."""
        return generation != self.generation and self.upto(generation) > 0

    def upto(self, generation: object) -> int:
        """Return the last number that means here what it meant there; 0 for a stranger's life."""
        if generation == self.generation:
            return ALL
        if not isinstance(generation, str):
            return 0
        if generation not in self._known:
            query = select(life.c.seq).where(life.c.generation == generation)
            self._known[generation] = self.connection.execute(query).scalar() or 0
        return self._known[generation]
