"""Keep who looks at which ticket just now."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "ticket_viewing",
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("seen_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_ticket_viewing_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_viewing_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("user_id", "ticket_id", name=op.f("pk_ticket_viewing")),
    )
    op.create_index(op.f("ix_ticket_viewing_seen_at"), "ticket_viewing", ["seen_at"])


def downgrade() -> None:
    op.drop_table("ticket_viewing")
