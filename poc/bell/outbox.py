"""The outbox: one row a notice, written in the transaction that made the notice."""

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, MetaData, Table, Text

metadata = MetaData()
Count = BigInteger().with_variant(Integer, "sqlite")

delivery = Table(
    "delivery",
    metadata,
    Column("notice", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("lease_until", Text, nullable=True),
    Column("tries", Count, nullable=False),
    Column("done_at", Text, nullable=True),
    Index("delivery_due", "done_at", "due_at"),
    sqlite_strict=True,
)


def queue(connection: Connection, notice: str, person: str, urgency: str, now: str) -> None:
    """Put a notice on its way; it leaves when this transaction has committed, or never."""
    row = {"notice": notice, "person": person, "urgency": urgency, "made_at": now, "due_at": now}
    connection.execute(delivery.insert(), {**row, "tries": 0})
