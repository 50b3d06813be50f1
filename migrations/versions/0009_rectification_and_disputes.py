"""Keep overdue tickets until they are signed off."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0009"
down_revision = "0008"

_UNSIGNED = sa.text("state <> 'signed_off'")


def upgrade() -> None:
    op.create_table(
        "rectification",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("clock", base.Code, nullable=True),
        sa.Column("broke_at", base.UTCDateTime(), nullable=True),
        sa.Column("holder", base.Json, nullable=False),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("responsible_reason", sa.Text(), nullable=True),
        sa.Column("cause", base.Code, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("opened_at", base.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("done_at", base.UTCDateTime(), nullable=True),
        sa.Column("done_by_id", base.RowId, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("signed_at", base.UTCDateTime(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_rectification_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"],
            ["user_account.id"],
            name=op.f("fk_rectification_done_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification")),
    )
    op.create_index(op.f("ix_rectification_ticket_id"), "rectification", ["ticket_id"])
    op.create_index(op.f("ix_rectification_state_due_at"), "rectification", ["state", "due_at"])
    op.create_index(
        "uq_rectification_unsigned",
        "rectification",
        ["ticket_id"],
        unique=True,
        sqlite_where=_UNSIGNED,
        postgresql_where=_UNSIGNED,
    )
    op.create_table(
        "rectification_event",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("item_id", base.RowId, nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("facts", base.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["rectification.id"],
            name=op.f("fk_rectification_event_item_id_rectification"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_rectification_event_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_event")),
    )
    op.create_index(
        op.f("ix_rectification_event_item_id_id"), "rectification_event", ["item_id", "id"]
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER rectification_event_no_{verb.lower()} BEFORE {verb} "
                "ON rectification_event "
                "BEGIN SELECT RAISE(ABORT, 'rectification_event is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER rectification_event_append_only BEFORE UPDATE OR DELETE "
        "ON rectification_event FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    # The triggers go with their table.
    op.drop_table("rectification_event")
    op.drop_table("rectification")
