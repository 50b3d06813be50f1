"""Find a photo by the name of its covered copy without reading all photos."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_COVERED = sa.text("covered_sha256 IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        op.f("ix_attachment_covered_sha256"),
        "attachment",
        ["covered_sha256"],
        sqlite_where=_COVERED,
        postgresql_where=_COVERED,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_attachment_covered_sha256"), table_name="attachment")
