"""Name who is told when a promise is at risk, and who has taken note."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
