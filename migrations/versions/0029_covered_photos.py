"""Keep with a photo the copy on which faces and plates are covered."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0029"
down_revision = "0028"

COLUMNS = {
    "covered_sha256": base.Code,
    "covered_boxes": base.Json,
    "covered_at": base.UTCDateTime(),
    "covered_by": sa.Text(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("attachment", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("attachment", name)
