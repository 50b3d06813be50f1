"""Who changes something? Use cases, the only writers; they never commit and never read a clock."""
