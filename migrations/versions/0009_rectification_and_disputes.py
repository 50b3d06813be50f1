"""Keep overdue tickets until they are signed off, and disputes until they are settled."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
