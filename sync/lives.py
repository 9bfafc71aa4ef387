"""The lives of a database: played back from a copy, its numbers mean something else than before."""

import secrets

from sqlalchemy import Engine, update

from sync.database import writing
from sync.ledger import head


def begin_again(engine: Engine) -> None:
    """Begin a new life, so that devices ask for a whole copy and send what waits as unseen."""
    with writing(engine) as connection:
        connection.execute(update(head).values(generation=secrets.token_hex(8)))
