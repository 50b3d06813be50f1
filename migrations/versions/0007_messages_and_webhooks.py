"""Keep what was sent to whom, and where signed events are delivered."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
