"""Keep views of the circle beside those of the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column(
        "saved_view", sa.Column("page", sa.String(64), nullable=False, server_default="desk")
    )


def downgrade() -> None:
    op.execute("DELETE FROM saved_view WHERE page <> 'desk'")
    op.drop_column("saved_view", "page")
