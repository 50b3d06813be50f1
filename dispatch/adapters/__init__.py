"""What waits for a network? One file for each outside service."""
