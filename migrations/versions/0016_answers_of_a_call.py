"""Keep what a caller answered, and what was done about a danger to life."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0016"
down_revision = "0015"

COLUMNS = ("answers", "dangers")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column(
            "report",
            sa.Column(name, base.Json, nullable=False, server_default=sa.text("'{}'")),
        )


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("report", name)
