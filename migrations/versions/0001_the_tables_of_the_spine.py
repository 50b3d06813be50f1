"""the tables of the spine"""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("job", base.Code, nullable=False),
        sa.Column("runner", base.Code, nullable=False),
        sa.Column("beat_at", base.UTCDateTime(), nullable=False),
        sa.Column("started_at", base.UTCDateTime(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("last_result", base.Json, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job", "runner", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "household",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("account", base.Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", base.Code, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("account", name=op.f("uq_household_account")),
    )
    op.create_index(op.f("ix_household_phone"), "household", ["phone"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("scope", base.Code, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", base.Code, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reply", base.Json, nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "service_policy",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", base.UTCDateTime(), nullable=False),
        sa.Column("policy", base.Json, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_policy")),
        sa.UniqueConstraint("version", name=op.f("uq_service_policy_version")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("sign_in_name", base.Code, nullable=False),
        sa.Column("address", base.Code, nullable=False),
        sa.Column("tried_at", base.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_try")),
    )
    op.create_index(
        op.f("ix_sign_in_try_address_tried_at"),
        "sign_in_try",
        ["address", "tried_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sign_in_try_sign_in_name_tried_at"),
        "sign_in_try",
        ["sign_in_name", "tried_at"],
        unique=False,
    )
    op.create_table(
        "skill",
        sa.Column("key", base.Code, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_skill")),
    )
    op.create_table(
        "team",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "crew",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", base.RowId, nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("base_lat", sa.Float(), nullable=True),
        sa.Column("base_lon", sa.Float(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_crew_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crew")),
        sa.UniqueConstraint("name", name=op.f("uq_crew_name")),
    )
    op.create_index(op.f("ix_crew_team_id"), "crew", ["team_id"], unique=False)
    op.create_table(
        "grid",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("zone", base.Code, nullable=False),
        sa.Column("in_circle", sa.Boolean(), nullable=False),
        sa.Column("geometry", base.Json, nullable=False),
        sa.Column("valid_from", base.UTCDateTime(), nullable=False),
        sa.Column("valid_to", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_grid_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_grid_name_version")),
    )
    op.create_index(op.f("ix_grid_team_id"), "grid", ["team_id"], unique=False)
    op.create_index(op.f("ix_grid_valid_from"), "grid", ["valid_from"], unique=False)
    op.create_index(op.f("ix_grid_valid_to"), "grid", ["valid_to"], unique=False)
    op.create_table(
        "crew_skill",
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("skill_key", base.Code, nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_crew_skill_crew_id_crew")),
        sa.ForeignKeyConstraint(
            ["skill_key"], ["skill.key"], name=op.f("fk_crew_skill_skill_key_skill")
        ),
        sa.PrimaryKeyConstraint("crew_id", "skill_key", name=op.f("pk_crew_skill")),
    )
    op.create_table(
        "device",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", base.Code, nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", base.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_device_crew_id_crew")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_device_secret_hash")),
    )
    op.create_table(
        "member",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_member_crew_id_crew")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_crew_id"), "member", ["crew_id"], unique=False)
    op.create_table(
        "position",
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("accuracy_metres", sa.Float(), nullable=True),
        sa.Column("measured_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_position_crew_id_crew")),
        sa.PrimaryKeyConstraint("crew_id", name=op.f("pk_position")),
    )
    op.create_table(
        "shift",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("valid_from", base.UTCDateTime(), nullable=True),
        sa.Column("valid_to", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_shift_crew_id_crew")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_crew_id"), "shift", ["crew_id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("held_from", base.Code, nullable=True),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("category", base.Code, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("storm", sa.Boolean(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("flags", base.Json, nullable=False),
        sa.Column("external_source", base.Code, nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("parent_id", base.RowId, nullable=True),
        sa.Column("household_id", base.RowId, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("given_lat", sa.Float(), nullable=True),
        sa.Column("given_lon", sa.Float(), nullable=True),
        sa.Column("given_datum", base.Code, nullable=True),
        sa.Column("place_source", base.Code, nullable=True),
        sa.Column("accuracy_metres", sa.Float(), nullable=True),
        sa.Column("place_standing", base.Code, nullable=False),
        sa.Column("grid_id", base.RowId, nullable=True),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("zone", base.Code, nullable=False),
        sa.Column("in_circle", sa.Boolean(), nullable=False),
        sa.Column("pipe_mm", sa.Integer(), nullable=True),
        sa.Column("policy_id", base.RowId, nullable=True),
        sa.Column("received_at", base.UTCDateTime(), nullable=False),
        sa.Column("accepted_at", base.UTCDateTime(), nullable=True),
        sa.Column("dispatched_at", base.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", base.UTCDateTime(), nullable=True),
        sa.Column("en_route_at", base.UTCDateTime(), nullable=True),
        sa.Column("arrived_at", base.UTCDateTime(), nullable=True),
        sa.Column("working_at", base.UTCDateTime(), nullable=True),
        sa.Column("restored_at", base.UTCDateTime(), nullable=True),
        sa.Column("completed_at", base.UTCDateTime(), nullable=True),
        sa.Column("verified_at", base.UTCDateTime(), nullable=True),
        sa.Column("closed_at", base.UTCDateTime(), nullable=True),
        sa.Column("dispatch_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("acknowledge_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("call_back_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("arrive_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("restore_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("repair_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("follow_up_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("held_seconds", sa.Float(), nullable=False),
        sa.Column("held_seconds_before_arrival", sa.Float(), nullable=False),
        sa.Column("dispatches", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("last_event_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", base.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_ticket_grid_id_grid")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_ticket_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["ticket.id"], name=op.f("fk_ticket_parent_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["service_policy.id"], name=op.f("fk_ticket_policy_id_service_policy")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_ticket_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint(
            "external_source", "external_id", name=op.f("uq_ticket_external_source_external_id")
        ),
    )
    op.create_index(op.f("ix_ticket_changed_at"), "ticket", ["changed_at"], unique=False)
    op.create_index(
        op.f("ix_ticket_grid_id_received_at"), "ticket", ["grid_id", "received_at"], unique=False
    )
    op.create_index(op.f("ix_ticket_household_id"), "ticket", ["household_id"], unique=False)
    op.create_index(
        "ix_ticket_open",
        "ticket",
        ["state", "arrive_due_at"],
        unique=False,
        sqlite_where=sa.text(
            "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'cancelled') AND NOT imported"
        ),
        postgresql_where=sa.text(
            "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'cancelled') AND NOT imported"
        ),
    )
    op.create_index(op.f("ix_ticket_parent_id"), "ticket", ["parent_id"], unique=False)
    op.create_index(op.f("ix_ticket_received_at"), "ticket", ["received_at"], unique=False)
    op.create_index(
        op.f("ix_ticket_team_id_received_at"), "ticket", ["team_id", "received_at"], unique=False
    )
    op.create_table(
        "user_account",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("sign_in_name", base.Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", base.Code, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("crew_id", base.RowId, nullable=True),
        sa.Column("language", base.Code, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crew_id"], ["crew.id"], name=op.f("fk_user_account_crew_id_crew")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_user_account_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_user_account_sign_in_name")),
    )
    op.create_table(
        "hold",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("reason", base.Code, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("from_at", base.UTCDateTime(), nullable=False),
        sa.Column("to_at", base.UTCDateTime(), nullable=True),
        sa.Column("until_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_hold_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_ticket_id"), "hold", ["ticket_id"], unique=False)
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
    op.create_index(op.f("ix_outbox_ticket_id"), "outbox", ["ticket_id"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "report",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("first_ticket_id", base.RowId, nullable=True),
        sa.Column("channel", base.Code, nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", base.Code, nullable=True),
        sa.Column("language", base.Code, nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("household_id", base.RowId, nullable=True),
        sa.Column("received_at", base.UTCDateTime(), nullable=False),
        sa.Column("token", base.Code, nullable=False),
        sa.Column("token_expires_at", base.UTCDateTime(), nullable=True),
        sa.Column("fixed_answer", base.Code, nullable=True),
        sa.Column("answered_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_ticket_id"], ["ticket.id"], name=op.f("fk_report_first_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_report_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_report_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("token", name=op.f("uq_report_token")),
    )
    op.create_index(op.f("ix_report_phone"), "report", ["phone"], unique=False)
    op.create_index(op.f("ix_report_ticket_id"), "report", ["ticket_id"], unique=False)
    op.create_table(
        "settings_event",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", base.Code, nullable=False),
        sa.Column("subject_key", base.Code, nullable=False),
        sa.Column("was", base.Json, nullable=True),
        sa.Column("now", base.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_settings_event_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_event")),
    )
    op.create_table(
        "task",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=True),
        sa.Column("opened_at", base.UTCDateTime(), nullable=False),
        sa.Column("done_at", base.UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_task_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_ticket_id"), "task", ["ticket_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("secret_hash", base.Code, nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", base.UTCDateTime(), nullable=False),
        sa.Column("expires_at", base.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", base.UTCDateTime(), nullable=True),
        sa.Column("address", base.Code, nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_user_session_secret_hash")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("crew_role", base.Code, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("reasons", base.Json, nullable=True),
        sa.Column("eta_at", base.UTCDateTime(), nullable=True),
        sa.Column("dispatched_at", base.UTCDateTime(), nullable=False),
        sa.Column("acknowledge_due_at", base.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", base.UTCDateTime(), nullable=True),
        sa.Column("en_route_at", base.UTCDateTime(), nullable=True),
        sa.Column("arrived_at", base.UTCDateTime(), nullable=True),
        sa.Column("working_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.Column("cause", base.Code, nullable=True),
        sa.Column("arrival_grade", base.Code, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_visit_crew_id_crew")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_visit_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(
        "ix_visit_active_crew",
        "visit",
        ["crew_id"],
        unique=False,
        sqlite_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
    )
    op.create_index(
        op.f("ix_visit_crew_id_dispatched_at"), "visit", ["crew_id", "dispatched_at"], unique=False
    )
    op.create_index(op.f("ix_visit_ticket_id"), "visit", ["ticket_id"], unique=False)
    op.create_index(
        "uq_visit_active_role",
        "visit",
        ["ticket_id", "crew_role"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
    )
    op.create_table(
        "ticket_event",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("uuid", base.Code, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("visit_id", base.RowId, nullable=True),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("from_state", base.Code, nullable=True),
        sa.Column("to_state", base.Code, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("acting_for_crew_id", base.RowId, nullable=True),
        sa.Column("source", base.Code, nullable=False),
        sa.Column("device_id", base.RowId, nullable=True),
        sa.Column("device_sequence", base.RowId, nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("device_at", base.UTCDateTime(), nullable=True),
        sa.Column("elapsed_ms", base.RowId, nullable=True),
        sa.Column("recorded_at", base.UTCDateTime(), nullable=False),
        sa.Column("effective_at", base.UTCDateTime(), nullable=False),
        sa.Column("time_quality", base.Code, nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("datum", base.Code, nullable=True),
        sa.Column("accuracy_metres", sa.Float(), nullable=True),
        sa.Column("reason", base.Code, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_salt", base.Code, nullable=True),
        sa.Column("facts", base.Json, nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acting_for_crew_id"],
            ["crew.id"],
            name=op.f("fk_ticket_event_acting_for_crew_id_crew"),
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_ticket_event_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_ticket_event_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_ticket_event_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
        sa.UniqueConstraint(
            "device_id", "device_sequence", name=op.f("uq_ticket_event_device_id_device_sequence")
        ),
        sa.UniqueConstraint(
            "ticket_id", "previous_hash", name=op.f("uq_ticket_event_ticket_id_previous_hash")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_ticket_event_uuid")),
    )
    op.create_index(
        op.f("ix_ticket_event_ticket_id_id"), "ticket_event", ["ticket_id", "id"], unique=False
    )
    op.create_table(
        "timer",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("visit_id", base.RowId, nullable=True),
        sa.Column("clock", base.Code, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("started_at", base.UTCDateTime(), nullable=False),
        sa.Column("target_at", base.UTCDateTime(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("fired_at", base.UTCDateTime(), nullable=True),
        sa.Column("late_ms", base.RowId, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_timer_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_timer_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("key", name=op.f("uq_timer_key")),
    )
    op.create_index(
        "ix_timer_armed",
        "timer",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'armed'"),
        postgresql_where=sa.text("state = 'armed'"),
    )
    op.create_index(op.f("ix_timer_ticket_id"), "timer", ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_timer_ticket_id"), table_name="timer")
    op.drop_index(
        "ix_timer_armed",
        table_name="timer",
        sqlite_where=sa.text("state = 'armed'"),
        postgresql_where=sa.text("state = 'armed'"),
    )
    op.drop_table("timer")
    op.drop_index(op.f("ix_ticket_event_ticket_id_id"), table_name="ticket_event")
    op.drop_table("ticket_event")
    op.drop_index(
        "uq_visit_active_role",
        table_name="visit",
        sqlite_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
    )
    op.drop_index(op.f("ix_visit_ticket_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_crew_id_dispatched_at"), table_name="visit")
    op.drop_index(
        "ix_visit_active_crew",
        table_name="visit",
        sqlite_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')"
        ),
    )
    op.drop_table("visit")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(op.f("ix_task_ticket_id"), table_name="task")
    op.drop_table("task")
    op.drop_table("settings_event")
    op.drop_index(op.f("ix_report_ticket_id"), table_name="report")
    op.drop_index(op.f("ix_report_phone"), table_name="report")
    op.drop_table("report")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_outbox_ticket_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_hold_ticket_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_ticket_team_id_received_at"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_received_at"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_parent_id"), table_name="ticket")
    op.drop_index(
        "ix_ticket_open",
        table_name="ticket",
        sqlite_where=sa.text(
            "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'cancelled') AND NOT imported"
        ),
        postgresql_where=sa.text(
            "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'cancelled') AND NOT imported"
        ),
    )
    op.drop_index(op.f("ix_ticket_household_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_grid_id_received_at"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_changed_at"), table_name="ticket")
    op.drop_table("ticket")
    op.drop_index(op.f("ix_shift_crew_id"), table_name="shift")
    op.drop_table("shift")
    op.drop_table("position")
    op.drop_index(op.f("ix_member_crew_id"), table_name="member")
    op.drop_table("member")
    op.drop_table("device")
    op.drop_table("crew_skill")
    op.drop_index(op.f("ix_grid_valid_to"), table_name="grid")
    op.drop_index(op.f("ix_grid_valid_from"), table_name="grid")
    op.drop_index(op.f("ix_grid_team_id"), table_name="grid")
    op.drop_table("grid")
    op.drop_index(op.f("ix_crew_team_id"), table_name="crew")
    op.drop_table("crew")
    op.drop_table("team")
    op.drop_table("skill")
    op.drop_index(op.f("ix_sign_in_try_sign_in_name_tried_at"), table_name="sign_in_try")
    op.drop_index(op.f("ix_sign_in_try_address_tried_at"), table_name="sign_in_try")
    op.drop_table("sign_in_try")
    op.drop_table("service_policy")
    op.drop_index(op.f("ix_idempotency_created_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_household_phone"), table_name="household")
    op.drop_table("household")
    op.drop_table("heartbeat")
