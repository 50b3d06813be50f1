"""Keep what was sent to whom, and where signed events are delivered."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0007"
down_revision = "0006"

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    # Nothing was ever sent from the old table; what waits in it is too old to be sent now.
    op.drop_table("outbox")
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kinds", base.Json, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sees_personal", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("deleted_at", base.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("endpoint_id", base.RowId, nullable=True),
        sa.Column("channel", base.Code, nullable=False),
        sa.Column("lane", base.Code, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("template", base.Code, nullable=False),
        sa.Column("language", base.Code, nullable=True),
        sa.Column("urgency", base.Code, nullable=False),
        sa.Column("content", base.Json, nullable=False),
        sa.Column("routes", base.Json, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", base.UTCDateTime(), nullable=False),
        sa.Column("lease", base.Code, nullable=True),
        sa.Column("leased_until", base.UTCDateTime(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("sent_at", base.UTCDateTime(), nullable=True),
        sa.Column("fault", base.Json, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_outbox_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_outbox_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name=op.f("fk_outbox_endpoint_id_webhook_endpoint"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_outbox_effect_key")),
    )
    op.create_index(op.f("ix_outbox_ticket_id"), "outbox", ["ticket_id"])
    op.create_index(op.f("ix_outbox_endpoint_id"), "outbox", ["endpoint_id"])
    op.create_index("ix_outbox_state_id", "outbox", ["state", "id"])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "delivery",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("outbox_id", base.RowId, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("outcome", base.Code, nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("fault", base.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name=op.f("fk_delivery_outbox_id_outbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_outbox_id"), "delivery", ["outbox_id"])
    op.create_table(
        "message_template",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("step", base.Code, nullable=False),
        sa.Column("category", base.Code, nullable=False),
        sa.Column("language", base.Code, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint(
            "step",
            "category",
            "language",
            "version",
            name=op.f("uq_message_template_step_category_language_version"),
        ),
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("keys", base.Json, nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_push_subscription_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
    )
    op.create_index(op.f("ix_push_subscription_user_id"), "push_subscription", ["user_id"])
    op.create_table(
        "opt_out",
        sa.Column("phone", base.Code, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_opt_out")),
    )


def downgrade() -> None:
    for table in ("opt_out", "push_subscription", "message_template", "delivery", "outbox"):
        op.drop_table(table)
    op.drop_table("webhook_endpoint")
    _old_outbox()


def _old_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("channel", base.Code, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("template", base.Code, nullable=False),
        sa.Column("language", base.Code, nullable=True),
        sa.Column("content", base.Json, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", base.UTCDateTime(), nullable=False),
        sa.Column("leased_until", base.UTCDateTime(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("sent_at", base.UTCDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_outbox_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_outbox_effect_key")),
    )
    op.create_index(op.f("ix_outbox_ticket_id"), "outbox", ["ticket_id"])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
