"""Keep the versions of the page that everybody may read."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "public_page",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("page", base.Json, nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_page")),
        sa.UniqueConstraint("version", name=op.f("uq_public_page_version")),
    )


def downgrade() -> None:
    op.drop_table("public_page")
