"""Keep what the facts of a block add up to, and what a block says of a ticket that changed."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"

NUMBER = "received_us / 2592000000000"
"""Thirty days; both databases divide whole numbers without a rest."""
LOOSE = "INSERT INTO fact_loose (number, ticket_id"


def upgrade() -> None:
    op.create_table(
        "fact_sum",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "split", name=op.f("pk_fact_sum")),
    )
    op.add_column("fact_block", sa.Column("sum_anew_us", sa.BigInteger(), nullable=True))
    op.create_index("ix_fact_block_sum_anew_us", "fact_block", ["sum_anew_us"])
    op.execute("UPDATE fact_block SET sum_anew_us = 0")
    # Of tickets that are loose by now it stays unknown: their blocks have no sums yet.
    op.add_column("fact_loose", sa.Column("fact", sa.LargeBinary(), nullable=True))
    _drop_triggers(_NAMES_BEFORE)
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite(keep_facts=True)
        return
    op.execute("ALTER TABLE fact_sum ALTER COLUMN sums SET STORAGE EXTERNAL")
    was = f"{LOOSE}, fact) SELECT {NUMBER}, ticket_id, fact FROM was"  # noqa: S608  constants
    becomes = f"{LOOSE}) SELECT {NUMBER}, ticket_id FROM becomes"  # noqa: S608  likewise
    # What was comes first: of two rows for one ticket the first stays.
    op.execute(
        "CREATE OR REPLACE FUNCTION note_loose_facts() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF TG_OP <> 'INSERT' THEN {was} ON CONFLICT DO NOTHING; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {becomes} ON CONFLICT DO NOTHING; END IF; "
        "RETURN NULL; END $$"
    )
    old, new = "OLD TABLE AS was", "NEW TABLE AS becomes"
    for verb, seen in (("INSERT", new), ("UPDATE", f"{old} {new}"), ("DELETE", old)):
        _trigger_of_postgresql(f"fact_loose_{verb.lower()}", verb, seen)


def downgrade() -> None:
    _drop_triggers(("insert", "update", "delete"))
    op.drop_column("fact_loose", "fact")
    op.drop_index("ix_fact_block_sum_anew_us", "fact_block")
    op.drop_column("fact_block", "sum_anew_us")
    op.drop_table("fact_sum")
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite(keep_facts=False)
        return
    noting = f"{LOOSE}) SELECT {NUMBER}, ticket_id FROM changed ON CONFLICT DO NOTHING"  # noqa: S608  constants
    op.execute(
        "CREATE OR REPLACE FUNCTION note_loose_facts() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {noting}; RETURN NULL; END $$"
    )
    for name in _NAMES_BEFORE:
        verb, seen = name.split("_")
        _trigger_of_postgresql(f"fact_loose_{name}", verb, f"{seen.upper()} TABLE AS changed")


_NAMES_BEFORE = ("insert_new", "update_new", "update_old", "delete_old")
"""The triggers of PostgreSQL before this one; SQLite has had one for each verb all along."""


def _drop_triggers(names: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER fact_loose_{verb}")
        return
    for name in names:
        op.execute(f"DROP TRIGGER fact_loose_{name} ON ticket_fact")


def _trigger_of_postgresql(name: str, verb: str, seen: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} AFTER {verb} ON ticket_fact REFERENCING {seen} "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_loose_facts()"
    )


def _triggers_of_sqlite(*, keep_facts: bool) -> None:
    was = "OLD." + NUMBER + ", OLD.ticket_id"
    column, fact = (", fact", ", OLD.fact") if keep_facts else ("", "")
    before = f"{LOOSE}{column}) VALUES ({was}{fact}) ON CONFLICT DO NOTHING;"
    after = f"{LOOSE}) VALUES (NEW.{NUMBER}, NEW.ticket_id) ON CONFLICT DO NOTHING;"
    for verb, steps in (("INSERT", after), ("UPDATE", before + after), ("DELETE", before)):
        op.execute(
            f"CREATE TRIGGER fact_loose_{verb.lower()} AFTER {verb} ON ticket_fact "
            f"BEGIN {steps} END"
        )
