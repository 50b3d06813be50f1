"""Keep with each visit what its expected arrival rests on."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("visit", sa.Column("eta_basis", base.Json, nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "eta_basis")
