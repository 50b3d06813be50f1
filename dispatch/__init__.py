"""OneVisit: one call, one ticket, one team, one arrival, one fix."""
