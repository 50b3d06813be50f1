"""Keep the name of who signed beside a signature."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("attachment", sa.Column("signer", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("attachment", "signer")
