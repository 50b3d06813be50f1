"""Keep the photos of tickets: from whom, of what, in which file."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("public_id", base.Code, nullable=False),
        sa.Column("uuid", base.Code, nullable=True),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("report_id", base.RowId, nullable=True),
        sa.Column("visit_id", base.RowId, nullable=True),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("source", base.Code, nullable=False),
        sa.Column("taken_at", base.UTCDateTime(), nullable=True),
        sa.Column("received_at", base.UTCDateTime(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", base.Code, nullable=False),
        sa.Column("sent_sha256", base.Code, nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("accuracy_metres", sa.Float(), nullable=True),
        sa.Column("deleted_at", base.UTCDateTime(), nullable=True),
        sa.Column("deleted_by", sa.Text(), nullable=True),
        sa.Column("deleted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_attachment_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_attachment_report_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_attachment_visit_id_visit")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_attachment_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_attachment_uuid")),
    )
    for column in ("ticket_id", "report_id", "received_at", "sha256"):
        op.create_index(op.f(f"ix_attachment_{column}"), "attachment", [column])


def downgrade() -> None:
    op.drop_table("attachment")
