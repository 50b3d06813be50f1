"""Keep a fact of each ticket for the figures, and note which ones have to be written anew."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0037"
down_revision = "0036"

AROUND = ("visit", "report", "hold", "follow_up")


def upgrade() -> None:
    op.create_table(
        "ticket_fact",
        sa.Column("ticket_id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("household_id", base.RowId, nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_fact")),
    )
    for column in ("received_us", "closed_us", "household_id", "cell"):
        op.create_index(op.f(f"ix_ticket_fact_{column}"), "ticket_fact", [column])
    for name, column in (("open", "received_us"), ("held", "ticket_id")):
        op.create_index(
            f"ix_ticket_fact_{name}",
            "ticket_fact",
            [column],
            sqlite_where=sa.text(f"is_{name} = 1"),
            postgresql_where=sa.text(f"is_{name}"),
        )
    op.create_table(
        "fact_due",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_due")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite()
    else:
        _triggers_of_postgresql()
    # Not before the triggers, whose locks keep others from changing a ticket in between.
    op.execute("INSERT INTO fact_due (ticket_id) SELECT id FROM ticket ORDER BY id")


def _triggers_of_sqlite() -> None:
    for table in ("ticket", *AROUND):
        key = "id" if table == "ticket" else "ticket_id"
        for verb, rows in (("INSERT", "N"), ("UPDATE", "NO"), ("DELETE", "O")):
            steps = [f"SELECT {'NEW' if 'N' in rows else 'OLD'}.{key};"]
            if rows == "NO" and table != "ticket":
                steps.append(f"SELECT OLD.{key} WHERE OLD.{key} <> NEW.{key};")
            if table == "ticket":
                # How many duplicates a ticket has stands in its own fact.
                steps += [
                    f"SELECT {row}.parent_id WHERE {row}.parent_id IS NOT NULL;"
                    for row in {"N": ("NEW",), "O": ("OLD",), "NO": ("NEW", "OLD")}[rows]
                ]
            body = " ".join(f"INSERT INTO fact_due (ticket_id) {step}" for step in steps)
            op.execute(
                f"CREATE TRIGGER {table}_fact_{verb.lower()} AFTER {verb} ON {table} "
                f"BEGIN {body} END"
            )
    op.execute(
        "CREATE TRIGGER crew_fact_update AFTER UPDATE OF team_id ON crew BEGIN "
        "INSERT INTO fact_due (ticket_id) SELECT ticket_id FROM visit WHERE crew_id = NEW.id; END"
    )


def _triggers_of_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION note_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'DELETE' THEN "
        "INSERT INTO fact_due (ticket_id) VALUES (NEW.ticket_id); END IF; "
        "IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.ticket_id <> NEW.ticket_id) THEN "
        "INSERT INTO fact_due (ticket_id) VALUES (OLD.ticket_id); END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE FUNCTION note_ticket_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'DELETE' THEN "
        "INSERT INTO fact_due (ticket_id) VALUES (NEW.id); "
        "IF NEW.parent_id IS NOT NULL THEN "
        "INSERT INTO fact_due (ticket_id) VALUES (NEW.parent_id); END IF; END IF; "
        "IF TG_OP <> 'INSERT' THEN "
        "IF TG_OP = 'DELETE' THEN INSERT INTO fact_due (ticket_id) VALUES (OLD.id); END IF; "
        "IF OLD.parent_id IS NOT NULL THEN "
        "INSERT INTO fact_due (ticket_id) VALUES (OLD.parent_id); END IF; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE FUNCTION note_crew_facts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO fact_due (ticket_id) SELECT ticket_id FROM visit WHERE crew_id = NEW.id; "
        "RETURN NULL; END $$"
    )
    for table in ("ticket", *AROUND):
        function = "note_ticket_fact" if table == "ticket" else "note_fact"
        op.execute(
            f"CREATE TRIGGER {table}_fact AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    op.execute(
        "CREATE TRIGGER crew_fact AFTER UPDATE OF team_id ON crew "
        "FOR EACH ROW EXECUTE FUNCTION note_crew_facts()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in ("ticket", *AROUND):
            for verb in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_fact_{verb}")
        op.execute("DROP TRIGGER crew_fact_update")
    else:
        for table in ("ticket", *AROUND, "crew"):
            op.execute(f"DROP TRIGGER {table}_fact ON {table}")
        for function in ("note_fact", "note_ticket_fact", "note_crew_facts"):
            op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("fact_due")
    op.drop_table("ticket_fact")
