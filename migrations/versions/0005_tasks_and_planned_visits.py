"""Give parallel tasks their owners, order and clocks."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0005"
down_revision = "0004"

UNSETTLED = sa.text("state IN ('waiting', 'open', 'in_progress', 'refused')")
INDEXES = {"ix_task_unsettled": "state", "ix_task_crew": "crew_id"}


def upgrade() -> None:
    """Make the table of tasks anew: nothing has written to it before."""
    op.drop_index(op.f("ix_task_ticket_id"), table_name="task")
    op.drop_table("task")
    owners = {"ticket": "ticket_id", "team": "team_id", "crew": "crew_id"}
    keys = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_task_{column}_{table}"))
        for table, column in (owners | {"user_account": "user_id"}).items()
    ]
    moments = ("ready_at", "due_at", "assigned_at", "eta_at", "started_at", "ended_at")
    op.create_table(
        "task",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("crew_id", base.RowId, nullable=True),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("skill", base.Code, nullable=True),
        sa.Column("before_crew", sa.Boolean(), nullable=False),
        sa.Column("waits_for", base.Json, nullable=False),
        sa.Column("budget", base.Json, nullable=True),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("refused_by", base.Json, nullable=False),
        sa.Column("reasons", base.Json, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", base.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        *(sa.Column(name, base.UTCDateTime(), nullable=True) for name in moments),
        sa.Column("changed_at", base.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *keys,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_ticket_id"), "task", ["ticket_id"], unique=False)
    for name, column in INDEXES.items():
        op.create_index(name, "task", [column], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
    # SQLite adds a key only in the words of the column.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE timer ADD COLUMN task_id {kind} CONSTRAINT fk_timer_task_id_task "
        "REFERENCES task (id)"
    )


def downgrade() -> None:
    """Make the table as it was, empty; warnings about tasks go with them."""
    op.execute("DELETE FROM timer WHERE task_id IS NOT NULL")
    with op.batch_alter_table("timer") as timer:
        timer.drop_column("task_id")
    for name in INDEXES:
        op.drop_index(name, table_name="task", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
    op.drop_index(op.f("ix_task_ticket_id"), table_name="task")
    op.drop_table("task")
    op.create_table(
        "task",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=True),
        sa.Column("opened_at", base.UTCDateTime(), nullable=False),
        sa.Column("done_at", base.UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_task_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_ticket_id"), "task", ["ticket_id"], unique=False)
