"""Keep what phones sent and what became of it."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "field_entry",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("uuid", base.Code, nullable=False),
        sa.Column("device_id", base.RowId, nullable=False),
        sa.Column("sequence", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("args", base.Json, nullable=True),
        sa.Column("received_at", base.UTCDateTime(), nullable=False),
        sa.Column("effective_at", base.UTCDateTime(), nullable=True),
        sa.Column("time_quality", base.Code, nullable=True),
        sa.Column("outcome", base.Code, nullable=False),
        sa.Column("reason", base.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_field_entry_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_field_entry_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_field_entry_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_entry")),
        sa.UniqueConstraint(
            "device_id", "sequence", name=op.f("uq_field_entry_device_id_sequence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_field_entry_uuid")),
    )
    for column in ("outcome", "received_at", "ticket_id"):
        op.create_index(op.f(f"ix_field_entry_{column}"), "field_entry", [column])


def downgrade() -> None:
    op.drop_table("field_entry")
