"""Keep the versions of the lists of safety steps and checks."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "checklist",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("category", base.Code, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lists", base.Json, nullable=False),
        sa.Column("valid_from", base.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("category", "version", name=op.f("uq_checklist_category_version")),
    )


def downgrade() -> None:
    op.drop_table("checklist")
