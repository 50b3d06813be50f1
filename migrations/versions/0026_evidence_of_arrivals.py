"""Keep with each visit what proves its arrival."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("visit", sa.Column("arrival_evidence", base.Json, nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "arrival_evidence")
