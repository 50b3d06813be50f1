"""Keep the log of the desk and its handovers, which the database lets nobody change."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0017"
down_revision = "0016"

TABLES = ("shift_note", "handover", "handover_signature")


def upgrade() -> None:
    op.create_table(
        "shift_note",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_shift_note_team_id_team")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_shift_note_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_shift_note_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_note")),
    )
    op.create_index(op.f("ix_shift_note_team_id"), "shift_note", ["team_id"])
    op.create_index(op.f("ix_shift_note_at"), "shift_note", ["at"])
    op.create_table(
        "handover",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("since", base.UTCDateTime(), nullable=True),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", base.Json, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_handover_team_id_team")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_handover_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_team_id"), "handover", ["team_id"])
    op.create_table(
        "handover_signature",
        sa.Column("handover_id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["handover.id"],
            name=op.f("fk_handover_signature_handover_id_handover"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_handover_signature_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handover_signature")),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    for table in TABLES:
        if op.get_bind().dialect.name != "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
