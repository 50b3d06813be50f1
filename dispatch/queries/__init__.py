"""Who only reads? Questions to the tables, answered with rows or plain dataclasses."""
