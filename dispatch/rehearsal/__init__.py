"""What would have happened under other staffing or rules? A city in memory that runs our rules."""
