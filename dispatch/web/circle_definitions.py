"""What does each figure mean, in the words of the function that works it out?

Every sentence stands in the docstring of its function; a test compares them. What a docstring says
about code is left out.
"""

from __future__ import annotations

from dispatch.domain.sentences import Sentence, say

DEFINITIONS: dict[str, Sentence] = {
    "circle": say(
        "Measure how many promises to arrive within 30 minutes were kept.\n"
        "Formula, in and out as for attainment of the arrival promise; besides, tickets whose "
        "promise was not 30 minutes from the call are out and listed."
    ),
    "attainment": say(
        "Measure how many promises of one kind were kept.\n"
        "Formula: met ÷ (met + late + open overdue). Met: arrived (or completed) at or before "
        "the target; late: after it; open overdue: not yet arrived (or completed) and the "
        "target is past, counted from the moment of the breach. A call back is met when the "
        "reporter was reached, or the repair was complete, by then. The target is the one that "
        "was promised at the call: returns, second dispatches and priority changes do not restart "
        "it. The adjusted rate takes time on hold off the time used, once, and never more than "
        "was used; it stands beside the raw rate.\n"
        "In: open and closed tickets with a promise.\n"
        "Out, listed by reason: duplicates, cancelled and solved by phone or notice; no promise; "
        "closed without a recorded arrival (or completion); flagged tickets and those that end "
        "before they begin. Not due yet is left out and counted apart."
    ),
    "within_30": say(
        "Measure how many tickets were reached within 30 minutes, whatever had been promised.\n"
        "Formula: first arrival ≤ received + 30 min ÷ (all arrivals + open tickets past 30 "
        "min).\n"
        "In: every ticket with a recorded arrival; open ones that hold a promise to arrive.\n"
        "Out, listed: as for attainment; an open ticket that nobody promised to visit."
    ),
    "evidence": say(
        "Tell how well the first arrival of a ticket is proven; figures can be split by it.\n"
        "Formula: the grade of the first visit that arrived, by its evidence as it stands now. Two "
        "of three confirm: the crew's tap, a stay of its phone at the place, a code, signature or "
        "photo from there. One alone leaves it told by the crew only, or seen by its phone only; "
        "a position clearly elsewhere contradicts it.\n"
        "In: every ticket.\n"
        "Out: nothing. Tickets without a graded arrival are a row of their own: open ones, whose "
        "broken promises count there as missed, and imported ones."
    ),
    "stages": say(
        "Measure every stage in seconds, one value for each ticket that went through it.\n"
        "Formula: the effective time of the first event that ends the stage − that of the first "
        "event that begins it. Answer: ring → answered. Dispatch: received → dispatched. "
        "Acknowledge: dispatched → acknowledged. Turnout: acknowledged → en route. Travel: en "
        "route → arrived. Response: received → first arrival. Locate: arrived → working. "
        "Restore: received → supply restored or leak stopped. Repair: received → completed. "
        "Work on site (wrench): arrived → completed. Follow-up: completed → verified. Closure: "
        "received → closed.\n"
        "In: tickets with both ends recorded. A return or a second dispatch restarts nothing.\n"
        "Out: a stage with a missing end (it has no value; it is not zero); a negative stage; "
        "flagged tickets; and, except for answer and closure, duplicates, cancelled tickets and "
        "those solved by phone or notice. Holds are not taken off."
    ),
    "percentiles": say(
        "Return P50, P80, P90, P95, the largest value and n; None when there are no values. The "
        "p-th percentile lies at rank 1 + (n − 1) × p ÷ 100 of the sorted values; between two "
        "ranks it is interpolated in a straight line (the default of numpy, pandas and "
        "spreadsheets' PERCENTILE.INC). Values that are missing (NaN) are left out and not "
        "counted in n."
    ),
    "first_time_fix": say(
        "Measure how many repairs succeeded on the first visit and held for 30 days.\n"
        "Formula: closed repair tickets with exactly one arrived visit, that visit completed, "
        'no visit that could not complete, no reopening, no "not fixed" answer, and no new '
        "ticket of the same category at the same household or within 30 m in the next 30 days ÷ "
        "closed repair tickets with at least one arrival. Provisional until a ticket's 30 days "
        "are over, then confirmed.\n"
        "In: repairs, counted from visits. A planned task of another department (reinstatement) "
        "does not fail it, and a crew sent to support that arrives while the first is still "
        "there is part of the same visit.\n"
        "Out: other kinds, open tickets, those nobody visited, duplicates, cancelled, solved by "
        "phone or notice; flagged tickets are listed."
    ),
    "causes": say(
        "Count why first visits failed, most frequent cause first.\n"
        "Formula: one cause, from the closed list, for each repair whose first ended visit "
        'could not complete; "not_recorded" where the crew gave none.\n'
        "In: open and closed repairs.\n"
        "Out: visits that were declined or withdrawn, planned tasks of other departments, "
        "duplicates, cancelled, solved by phone or notice."
    ),
    "five_ones": say(
        "Measure the five ones over closed repair tickets.\n"
        "Formula: one call = every reporter contacted us once ÷ tickets whose contacts are "
        "recorded. One ticket = no other was merged into it and none of its category followed "
        "at its place within 30 days ÷ closed. One team = one team held it ÷ tickets whose "
        "teams are recorded. One arrival = exactly one arrived visit ÷ tickets with at least "
        "one. One fix = first-time fix.\n"
        "In: closed repairs.\n"
        "Out: duplicates, cancelled, solved by phone or notice, other kinds, open tickets; for "
        "one call, one ticket and one team also imported tickets, whose calls, merges and teams "
        "are not known; for one ticket also flagged ones."
    ),
    "satisfaction": say(
        "Count the follow-ups and their answers.\n"
        "Formula: asked; answered ÷ asked; solved ÷ answered; satisfied with the process ÷ "
        "answered; satisfied with the result ÷ answered. Satisfied is a score of 4 or 5.\n"
        "In: every follow-up of every ticket that somebody was asked in, on the day and on day 7. "
        "Silence is never satisfaction: a follow-up without an answer is in asked only, counted "
        'apart as refused or silent, and "rather not say" is an answer that is neither solved '
        "nor satisfied, counted apart. A score that was skipped is not satisfied.\n"
        "Out: audit calls, which stand on their own page; questions that were called off."
    ),
    "flow": say(
        "Count what came in and went out in a period, and what was waiting at its end.\n"
        "Formula: opened = received in the period; closed = closed in it, whenever received; "
        "backlog = received by its end and not closed by then; overdue = the part of the "
        "backlog past its promise to arrive without an arrival, or past its promise to repair "
        "without a completion; age bands = the backlog by time since the call. Returns, "
        "dispatches per dispatched ticket, share by rule = first crew chosen by a rule ÷ "
        "dispatched tickets, overrides, and duplicates per report are of the tickets opened in "
        "the period.\n"
        "In: tickets of all kinds.\n"
        "Out of the backlog: duplicates, cancelled and solved by phone or notice."
    ),
    "coverage": say(
        "Measure the chance that a free crew on duty arrives within 30 minutes, over the demand.\n"
        "Formula: Σ demand of a grid × chance ÷ Σ demand; chance = 1 − Π (1 − chance that a crew "
        "is free and drives there within 30 minutes), over all crews on duty; the chance of a grid "
        "is the mean of the places of its newest tickets. An idle crew is free; one at work is "
        "free when it is likely to end in time; in the hours to come a crew starts from its base "
        "and is free as often as crews were at that hour. Demand: the newest 20,000 located "
        "tickets that a crew had to visit.\n"
        "In: every grid in force, whatever range of days is shown; where no ticket is known, all "
        "alike.\n"
        "Out: places outside every grid, enquiries, duplicates, cancelled, solved by phone or "
        "notice. Skills and the time from the call until a crew sets off are not counted."
    ),
}
