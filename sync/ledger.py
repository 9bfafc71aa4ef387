"""The engine's own tables: where each record stands, every change ever sent, and the count."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()
Count = BigInteger().with_variant(Integer, "sqlite")

# One row: the last number given out, and which life of this database it is (a restore begins one).
head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Count, nullable=False),
    Column("generation", Text, nullable=False),
    sqlite_strict=True,
)

# The lives before this one (each restore ended one), and the number up to which both are the same.
life = Table(
    "life",
    metadata,
    Column("generation", Text, primary_key=True),
    Column("seq", Count, nullable=False),
    sqlite_strict=True,
)

# A record as devices get it, encoded once; the seq each field was last set at, and by which change.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("seq", Count, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("writers", Text, nullable=False),
    Index("ledger_seq", "seq"),
    sqlite_strict=True,
)

# Never deleted while a production lives: idempotency, history, and proof that nothing was lost.
change = Table(
    "change",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("seq", Count, nullable=False),
    Column("st", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("wire", Text, nullable=False),
    Column("result", Text, nullable=False),
    Index("change_record", "record", "seq"),
    sqlite_strict=True,
)
