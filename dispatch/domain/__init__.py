"""What do the words of this trade mean?

The glossary; the rules live in the modules beside it.

report: one contact from one person by one channel; it is never dispatched itself.
ticket: the one work order for one fault, one row from call to close; many reports may belong to it.
household: the service point (address, account number, position) that reports and visits gather on.
grid: a polygon that one team is responsible for, with a version and a validity period.
team: the water stewards who own grids; has a base, a leader and crews.
crew: the unit that is sent: stewards with a vehicle, skills, a shift and a position.
visit: one trip of one crew for one ticket, from dispatched to left.
task: a parallel piece of work under a ticket for another department.
clock: one promise with a start, a target and a stop.
stage: a slice of the thirty minutes between the call and the arrival.
hold: a pause with a reason from a closed list; shown beside the raw figure, never instead of it.
return: "not our area", back to the desk; it never stops or resets a clock.
follow-up: asking the reporter afterwards whether it was fixed.
service circle: the promise to arrive within thirty minutes of the call.
"""
