"""Keep facts in blocks by column too, and note which tickets a block is no longer right about."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0046"
down_revision = "0045"

NUMBER = "received_us / 2592000000000"
"""Thirty days; both databases divide whole numbers without a rest."""
LOOSE = "INSERT INTO fact_loose (number, ticket_id)"


WAITED_LONG = sa.text("closed_us - received_us > 2592000000000")


def upgrade() -> None:
    # Who waited on a day was looked for among all that were closed after it.
    for column in ("received_us", "closed_us"):
        op.drop_index(f"ix_ticket_fact_{column}", "ticket_fact")
    op.create_index("ix_ticket_fact_received", "ticket_fact", ["received_us", "closed_us"])
    op.create_index(
        "ix_ticket_fact_long",
        "ticket_fact",
        ["closed_us"],
        sqlite_where=WAITED_LONG,
        postgresql_where=WAITED_LONG,
    )
    op.create_table(
        "fact_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fact_block")),
    )
    op.create_table(
        "fact_loose",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", base.RowId, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", "ticket_id", name=op.f("pk_fact_loose")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite()
    else:
        _triggers_of_postgresql()
    # Not before the triggers, whose locks keep others from changing a fact in between.
    op.execute(f"{LOOSE} SELECT {NUMBER}, ticket_id FROM ticket_fact")  # noqa: S608  constants


def _triggers_of_sqlite() -> None:
    for verb, rows in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
        steps = " ".join(
            f"{LOOSE} VALUES ({row}.{NUMBER}, {row}.ticket_id) ON CONFLICT DO NOTHING;"
            for row in rows
        )
        op.execute(
            f"CREATE TRIGGER fact_loose_{verb.lower()} AFTER {verb} ON ticket_fact "
            f"BEGIN {steps} END"
        )


def _triggers_of_postgresql() -> None:
    # Numbers are not compressible; as they are, they are read and written several times as fast.
    op.execute("ALTER TABLE fact_block ALTER COLUMN columns SET STORAGE EXTERNAL")
    noting = f"{LOOSE} SELECT {NUMBER}, ticket_id FROM changed ON CONFLICT DO NOTHING"  # noqa: S608
    op.execute(
        "CREATE FUNCTION note_loose_facts() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {noting}; RETURN NULL; END $$"
    )
    for verb, seen in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER fact_loose_{verb.lower()}_{seen.lower()} AFTER {verb} ON ticket_fact "
            f"REFERENCING {seen} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_loose_facts()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER fact_loose_{verb}")
    else:
        for name in ("insert_new", "update_new", "update_old", "delete_old"):
            op.execute(f"DROP TRIGGER fact_loose_{name} ON ticket_fact")
        op.execute("DROP FUNCTION note_loose_facts()")
    op.drop_table("fact_loose")
    op.drop_table("fact_block")
    for name in ("long", "received"):
        op.drop_index(f"ix_ticket_fact_{name}", "ticket_fact")
    for column in ("received_us", "closed_us"):
        op.create_index(f"ix_ticket_fact_{column}", "ticket_fact", [column])
