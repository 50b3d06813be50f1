"""Keep who used which phone, codes that enrol one, PINs, and what became of held work."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0028"
down_revision = "0027"

DEVICE = (
    ("last_seen_at", base.UTCDateTime()),
    ("waiting", sa.Integer()),
    ("app_version", base.Code),
    ("revoked_by", sa.Text()),
    ("revoked_reason", sa.Text()),
)
ENTRY = (
    ("told", base.Json),
    ("flag", base.Code),
    ("decided_at", base.UTCDateTime()),
    ("decided_by", sa.Text()),
    ("decision", base.Code),
    ("decision_reason", sa.Text()),
)
REFERENCES = (
    ("device", "last_user_id", "user_account"),
    ("field_entry", "sent_by_id", "user_account"),
    ("user_session", "device_id", "device"),
)


def upgrade() -> None:
    for table, columns in (("device", DEVICE), ("field_entry", ENTRY)):
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column("user_account", sa.Column("pin_hash", sa.Text(), nullable=True))
    # SQLite takes a reference only together with its column.
    row_id = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for table, name, other in REFERENCES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} {row_id} "
            f"CONSTRAINT fk_{table}_{name}_{other} REFERENCES {other} (id)"
        )
    _make_codes()
    _make_people()


def _make_codes() -> None:
    op.create_table(
        "phone_code",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("code_hash", base.Code, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_by_id", base.RowId, nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", base.UTCDateTime(), nullable=False),
        sa.Column("expires_at", base.UTCDateTime(), nullable=False),
        sa.Column("used_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_phone_code_crew_id_crew")),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["user_account.id"],
            name=op.f("fk_phone_code_made_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_phone_code_code_hash")),
    )
    op.create_index(op.f("ix_phone_code_expires_at"), "phone_code", ["expires_at"])


def _make_people() -> None:
    op.create_table(
        "phone_person",
        sa.Column("device_id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("first_at", base.UTCDateTime(), nullable=False),
        sa.Column("last_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_phone_person_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_phone_person_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("device_id", "user_id", name=op.f("pk_phone_person")),
    )


def downgrade() -> None:
    op.drop_table("phone_person")
    op.drop_table("phone_code")
    columns = {"user_account": ["pin_hash"], "user_session": ["device_id"]}
    columns["device"] = [*(name for name, _kind in DEVICE), "last_user_id"]
    columns["field_entry"] = [*(name for name, _kind in ENTRY), "sent_by_id"]
    for table, names in columns.items():
        with op.batch_alter_table(table) as changed:
            for name in names:
                changed.drop_column(name)
