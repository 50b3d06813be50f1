"""What may be asked about tickets, and what does a reported fault look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.call_back import CallOutcome
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.cell_figures import CellShape, MapFigure, Over
from dispatch.domain.disputes import LONGEST_DEPARTMENT, DisputeGround
from dispatch.domain.lost_minutes import ROAD
from dispatch.domain.part_of_week import DAYS_OF
from dispatch.domain.place import Datum
from dispatch.domain.site_kit import MOST_OF_ONE
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.ticket_kinds import TicketKind
from dispatch.domain.ticket_state import TicketState
from dispatch.domain.time_left import LONGEST_MINUTES
from dispatch.schemas.fields import (
    Choice,
    Choices,
    Degrees,
    Flag,
    Moment,
    Part,
    Phone,
    Shape,
    Whole,
    Words,
)

CHANNELS = ("phone", "hotline", "web", "wechat", "12345", "open311", "sensor", "crew")
SOURCES = ("pin", "account", "geocoder", "gps", "vehicle", "what3words", "import")
LANGUAGES = ("en", "zh-CN")
LONGEST_LINE = 300
LONGEST_TEXT = 4_000
LARGEST_PAGE = 500


class PlaceShape(Shape):
    """A point as it was told, in its own datum."""

    lat = Degrees(required=True)
    lon = Degrees(required=True)
    datum = Choice([str(datum) for datum in Datum], load_default="wgs84")
    source = Choice(SOURCES, load_default="pin")
    accuracy_metres = Degrees(load_default=None, allow_none=True)


class ReporterShape(Shape):
    """The person who reports."""

    name = Words(100, load_default=None, allow_none=True)
    phone = Phone(least_digits=5, load_default=None, allow_none=True)


class NewReportShape(Shape):
    """A report about a fault; `place` or `address` or `household` is needed."""

    category = Choice([rule.key for rule in CATEGORIES], required=True)
    description = Words(LONGEST_TEXT, load_default="")
    place = Part(PlaceShape, load_default=None, allow_none=True)
    address = Words(LONGEST_LINE, load_default="")
    reporter = Part(ReporterShape, load_default=None, allow_none=True)
    channel = Choice(CHANNELS, load_default="web")
    level = Whole(1, 4, load_default=None, allow_none=True)
    language = Choice(LANGUAGES, load_default=None, allow_none=True)
    household = Words(64, load_default=None, allow_none=True)
    pipe_mm = Whole(1, 5_000, load_default=None, allow_none=True)
    kind = Choice([str(kind) for kind in TicketKind], load_default="repair")


class TicketQuery(Shape):
    """Which tickets are asked for."""

    state = Choices([str(state) for state in TicketState], load_default=())
    grid = Words(LONGEST_LINE, load_default=None)
    team = Words(LONGEST_LINE, load_default=None)
    crew = Whole(1, LARGEST_ROW_ID, load_default=None)
    level = Whole(1, 4, load_default=None)
    category = Choice([rule.key for rule in CATEGORIES], load_default=None)
    since = Moment(load_default=None)
    before = Moment(load_default=None)
    changed_since = Moment(load_default=None)
    open = Flag(load_default=False)
    imported = Flag(load_default=None)
    q = Words(100, load_default=None)
    limit = Whole(1, LARGEST_PAGE, load_default=100)
    cursor = Words(200, load_default=None)


class CircleQuery(Shape):
    """What an address of the circle asks for besides its first and last day."""

    team = Words(LONGEST_LINE, load_default=None)
    grid = Words(LONGEST_LINE, load_default=None)
    category = Choice([rule.key for rule in CATEGORIES], load_default=None)
    level = Whole(1, 4, load_default=None)
    storm = Flag(load_default=None)
    days = Choice(tuple(DAYS_OF), load_default=None)
    from_hour = Whole(0, 23, load_default=None)
    to_hour = Whole(1, 24, load_default=None)
    last = Whole(1, 3_660, load_default=None)
    compare = Flag(load_default=True)
    wall = Flag(load_default=False)
    by = Choice([str(by) for by in SplitBy], load_default=str(SplitBy.GRID))
    key = Words(LONGEST_LINE, load_default=None)
    promise = Choice(("broken", "all"), load_default="broken")
    stage = Choice([str(stage) for stage in ROAD], load_default=None)
    page = Whole(1, 100_000, load_default=1)
    shape = Choice([str(shape) for shape in CellShape], load_default=str(CellShape.GRID))
    figure = Choice([str(figure) for figure in MapFigure], load_default=str(MapFigure.ATTAINMENT))
    over = Choice([str(over) for over in Over], load_default=str(Over.HOURS))
    cell = Words(LONGEST_LINE, load_default=None)


class PointQuery(Shape):
    """A point in an address."""

    lat = Degrees(required=True)
    lon = Degrees(required=True)
    datum = Choice([str(datum) for datum in Datum], load_default="wgs84")


class ArrivalQuery(PointQuery):
    """A fault at a point, before it is reported."""

    category = Choice([rule.key for rule in CATEGORIES], required=True)
    level = Whole(1, 4, load_default=None)


class HouseholdQuery(Shape):
    """What is known of a household: words of its name, address or account, or its telephone."""

    q = Words(100, load_default=None)
    phone = Phone(load_default=None)
    limit = Whole(1, 50, load_default=10)


class LiveQuery(Shape):
    """Since which answer changes are asked for, and the number of the ticket that one looks at."""

    since = Words(100, load_default=None)
    viewing = Words(20, load_default=None)


class StepArguments(Shape):
    """The values of a step; which ones it needs depends on the step."""

    crew_id = Whole(1, LARGEST_ROW_ID)
    visit_id = Whole(
        1,
        LARGEST_ROW_ID,
        metadata={"description": "The visit that a fact of the site is of; else the crew's last"},
    )
    to_crew_id = Whole(1, LARGEST_ROW_ID)
    crew_role = Choice(("lead", "support", "excavation"))
    override_reason = Words(LONGEST_LINE)
    reason = Words(LONGEST_LINE)
    cause = Words(64)
    note = Words(LONGEST_TEXT)
    outcome = Choice([str(outcome) for outcome in CallOutcome])
    until_at = Moment(allow_none=True)
    ground = Choice([str(ground) for ground in DisputeGround])
    team_id = Whole(1, LARGEST_ROW_ID)
    department = Words(LONGEST_DEPARTMENT)
    level = Whole(1, 4)
    into = Words(32)
    step = Words(64)
    at = Moment()
    lat = Degrees()
    lon = Degrees()
    datum = Choice([str(datum) for datum in Datum])
    place_source = Choice(SOURCES)
    accuracy_metres = Degrees(allow_none=True)
    address = Words(LONGEST_LINE)
    category = Words(64)
    description = Words(LONGEST_TEXT)
    pipe_mm = Whole(1, 5_000, allow_none=True)
    reading = Words(64)
    value = Words(32)
    unit = Words(16)
    when = Words(16)
    item = Words(64)
    count = Whole(0, MOST_OF_ONE)
    list = Words(16)
    done = Choice(("yes", "no"))
    code = Words(16)
    minutes = Whole(1, LONGEST_MINUTES)
    parts = Words(LONGEST_LINE)
    needs = Words(LONGEST_LINE)


class RevealShape(Shape):
    """Whose name and number are asked for, and why."""

    report = Whole(1, LARGEST_ROW_ID, required=True)
    reason = Words(LONGEST_LINE, shortest=1, required=True)


class ErrorPart(Schema):
    """Why a request was refused."""

    code = fields.String()
    message = fields.String(metadata={"description": "One sentence in the reader's language"})
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    facts = fields.Dict()


class ErrorShape(Schema):
    """A refusal; nothing was changed."""

    error = fields.Nested(ErrorPart)
