"""Let what is held of a phone be a photo: it has no number, and it names its file."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    with op.batch_alter_table("field_entry") as changed:
        changed.alter_column("sequence", existing_type=base.RowId, nullable=True)
        changed.add_column(sa.Column("photo_sha256", base.Code, nullable=True))
    has_photo = sa.text("photo_sha256 IS NOT NULL")
    op.create_index(
        op.f("ix_field_entry_photo_sha256"),
        "field_entry",
        ["photo_sha256"],
        sqlite_where=has_photo,
        postgresql_where=has_photo,
    )


def downgrade() -> None:
    op.execute("DELETE FROM field_entry WHERE sequence IS NULL")
    op.drop_index(op.f("ix_field_entry_photo_sha256"), table_name="field_entry")
    with op.batch_alter_table("field_entry") as changed:
        changed.drop_column("photo_sha256")
        changed.alter_column("sequence", existing_type=base.RowId, nullable=False)
