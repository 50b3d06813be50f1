"""Ask afterwards, and keep what was answered."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0008"
down_revision = "0007"

_UNFINISHED = sa.text("state IN ('open', 'asked')")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("followed_up_at", base.UTCDateTime(), nullable=True))
    op.create_table(
        "follow_up",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("report_id", base.RowId, nullable=False),
        sa.Column("round", base.Code, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("about_at", base.UTCDateTime(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("call_at", base.UTCDateTime(), nullable=False),
        sa.Column("late_at", base.UTCDateTime(), nullable=False),
        sa.Column("asked_at", base.UTCDateTime(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", base.UTCDateTime(), nullable=True),
        sa.Column("claimed_by", base.RowId, nullable=True),
        sa.Column("claimed_name", sa.Text(), nullable=True),
        sa.Column("claimed_until", base.UTCDateTime(), nullable=True),
        sa.Column("channel", base.Code, nullable=True),
        sa.Column("fixed", base.Code, nullable=True),
        sa.Column("process", sa.Integer(), nullable=True),
        sa.Column("result", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("answered_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.Column("week", base.Code, nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("drawn_from", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_follow_up_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_follow_up_report_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["user_account.id"], name=op.f("fk_follow_up_claimed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(
        "ix_follow_up_due",
        "follow_up",
        ["call_at"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(
        "uq_follow_up_unfinished",
        "follow_up",
        ["report_id", "round"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(op.f("ix_follow_up_ticket_id"), "follow_up", ["ticket_id"])
    op.create_index(op.f("ix_follow_up_week"), "follow_up", ["week"])
    op.create_table(
        "audit_draw",
        sa.Column("week", base.Code, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_from", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_audit_draw")),
    )
    # Nobody was asked after the repairs before this, and nothing will: they owe no follow-up.
    op.execute("UPDATE ticket SET follow_up_due_at = NULL WHERE completed_at IS NOT NULL")
    op.execute("DELETE FROM timer WHERE clock = 'follow_up' AND state = 'armed'")


def downgrade() -> None:
    op.drop_table("audit_draw")
    op.drop_index(op.f("ix_follow_up_week"), table_name="follow_up")
    op.drop_index(op.f("ix_follow_up_ticket_id"), table_name="follow_up")
    for name in ("uq_follow_up_unfinished", "ix_follow_up_due"):
        op.drop_index(
            name,
            table_name="follow_up",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        )
    op.drop_table("follow_up")
    op.drop_column("ticket", "followed_up_at")
