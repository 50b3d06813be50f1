"""Who is asked how long a drive takes: one file for each road server, and what holds them."""
