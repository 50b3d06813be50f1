"""Name who is told when a promise is at risk, and who has taken note."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0006"
down_revision = "0005"

_OPEN = sa.text("state = 'open'")
_ADDRESSES = (("phone", sa.Text()), ("email", sa.Text()), ("alert_channel", base.Code))


def upgrade() -> None:
    for name, kind in _ADDRESSES:
        op.add_column("user_account", sa.Column(name, kind, nullable=True))
    _make_rota()
    _make_alerts()
    # SQLite takes a reference only together with its column.
    row_id = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE timer ADD COLUMN alert_id {row_id} "
        "CONSTRAINT fk_timer_alert_id_alert REFERENCES alert (id)"
    )


def _make_rota() -> None:
    op.create_table(
        "rota_entry",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("duty", base.Code, nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_rota_entry_team_id_team")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_rota_entry_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_entry")),
    )
    op.create_table(
        "ladder_step",
        sa.Column("fraction", sa.Float(), nullable=False),
        sa.Column("duty", base.Code, nullable=False),
        sa.Column("pass_on_minutes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("fraction", name=op.f("pk_ladder_step")),
    )


def _make_alerts() -> None:
    references = {
        "ticket_id": "ticket",
        "visit_id": "visit",
        "task_id": "task",
        "crew_id": "crew",
        "passed_from_id": "alert",
        "acknowledged_by_id": "user_account",
    }
    op.create_table(
        "alert",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("visit_id", base.RowId, nullable=True),
        sa.Column("task_id", base.RowId, nullable=True),
        sa.Column("clock", base.Code, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("fraction", sa.Float(), nullable=False),
        sa.Column("duty", base.Code, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=True),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("rule", base.Json, nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("target_at", base.UTCDateTime(), nullable=False),
        sa.Column("raised_at", base.UTCDateTime(), nullable=False),
        sa.Column("late_ms", base.RowId, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("pass_on_at", base.UTCDateTime(), nullable=True),
        sa.Column("passed_from_id", base.RowId, nullable=True),
        sa.Column("acknowledged_by_id", base.RowId, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_alert_{column}_{table}")
            )
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    op.create_index(
        "ix_alert_open", "alert", ["ticket_id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index(op.f("ix_alert_ticket_id"), "alert", ["ticket_id"])
    op.create_index(op.f("ix_alert_raised_at"), "alert", ["raised_at"])
    op.create_table(
        "alert_person",
        sa.Column("alert_id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_person_alert_id_alert")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_alert_person_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("alert_id", "user_id", name=op.f("pk_alert_person")),
    )
    op.create_index(op.f("ix_alert_person_user_id"), "alert_person", ["user_id"])


def downgrade() -> None:
    # Without its alert such a timer would be taken for a warning.
    op.execute("DELETE FROM timer WHERE alert_id IS NOT NULL")
    with op.batch_alter_table("timer") as timer:
        timer.drop_column("alert_id")
    op.drop_table("alert_person")
    op.drop_table("alert")
    op.drop_table("ladder_step")
    op.drop_table("rota_entry")
    for name, _kind in _ADDRESSES:
        op.drop_column("user_account", name)
