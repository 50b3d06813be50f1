"""Give every hold an end, and keep disputes between teams until they are decided."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0011"
down_revision = "0010"

_OPEN = sa.text("state = 'open'")
_A_WEEK = timedelta(days=7)
_REFERENCES = {
    "ticket_id": "ticket",
    "from_team_id": "team",
    "other_team_id": "team",
    "decided_by_id": "user_account",
    "owner_team_id": "team",
}
_HOLD = sa.table(
    "hold",
    sa.column("id", base.RowId),
    sa.column("ticket_id", base.RowId),
    sa.column("from_at", base.UTCDateTime()),
    sa.column("to_at", base.UTCDateTime()),
    sa.column("until_at", base.UTCDateTime()),
)
_TIMER = sa.table(
    "timer",
    sa.column("key", sa.Text()),
    sa.column("ticket_id", base.RowId),
    sa.column("clock", base.Code),
    sa.column("rung", sa.Integer()),
    sa.column("started_at", base.UTCDateTime()),
    sa.column("target_at", base.UTCDateTime()),
    sa.column("due_at", base.UTCDateTime()),
    sa.column("state", base.Code),
)


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("ground", base.Code, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_team_id", base.RowId, nullable=True),
        sa.Column("other_team_id", base.RowId, nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("opened_at", base.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("decided_at", base.UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", base.RowId, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("owner_team_id", base.RowId, nullable=True),
        sa.Column("owner_department", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_dispute_{column}_{table}")
            )
            for column, table in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["ticket_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(op.f("ix_dispute_ticket_id"), "dispute", ["ticket_id"])
    op.create_index(op.f("ix_dispute_state_due_at"), "dispute", ["state", "due_at"])
    row_id = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for table in ("timer", "alert"):
        # SQLite adds a column with its reference only in one statement.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN dispute_id {row_id} "
            f"CONSTRAINT fk_{table}_dispute_id_dispute REFERENCES dispute (id)"
        )
    _end_holds()


def _end_holds() -> None:
    """Give a hold that lasts without an end one a week from now, and arm every end."""
    connection, a_week_on = op.get_bind(), datetime.now(UTC) + _A_WEEK
    connection.execute(
        sa.update(_HOLD)
        .where(_HOLD.c.to_at.is_(None), _HOLD.c.until_at.is_(None))
        .values(until_at=a_week_on)
    )
    for hold in connection.execute(sa.select(_HOLD).where(_HOLD.c.to_at.is_(None))).all():
        connection.execute(
            sa.insert(_TIMER).values(
                key=f"{hold.ticket_id}/h{hold.id}/hold/0",
                ticket_id=hold.ticket_id,
                clock="hold",
                rung=0,
                started_at=hold.from_at,
                target_at=hold.until_at,
                due_at=hold.until_at,
                state="armed",
            )
        )


def downgrade() -> None:
    clocks = "('hold', 'dispute')"
    # The release before knows neither of these clocks.
    alerts = f"(SELECT id FROM alert WHERE clock IN {clocks})"  # noqa: S608  two fixed words
    op.execute(f"DELETE FROM timer WHERE clock IN {clocks} OR alert_id IN {alerts}")  # noqa: S608
    op.execute(f"DELETE FROM alert_person WHERE alert_id IN {alerts}")  # noqa: S608
    op.execute(f"UPDATE alert SET passed_from_id = NULL WHERE clock IN {clocks}")  # noqa: S608
    op.execute(f"DELETE FROM alert WHERE clock IN {clocks}")  # noqa: S608
    for table in ("alert", "timer"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("dispute_id")
    op.drop_table("dispute")
