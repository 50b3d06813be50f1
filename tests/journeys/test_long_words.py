"""Is a long description with markup in it kept letter by letter, and text wherever it is read?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city
from tests.trips import send

SAID = ("水管 🚰 <script>window.hurt = 1</script> " + "水一直在流，" * 500)[:3_000]
AS_TEXT = "水管 🚰 &lt;script&gt;window.hurt = 1&lt;/script&gt;"
READ_BY = {
    "/desk/tickets/W000001/work-order": {"role": "dispatcher"},
    "/crew/W000001": {"role": "crew", "crew_id": 1},
}


@pytest.mark.usefixtures("clock")
def test_a_long_description_with_markup_is_text_everywhere(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
    desk = sign_in("call_taker")
    form = {"category": "leak", "description": SAID, "lat": "28.15", "lon": "112.95"}
    assert desk.post("/desk/call", data=form | {"datum": "wgs84"}).status_code == 302
    with app.app_context():
        send(1, 1, now)
    assert desk.get("/api/v1/tickets/W000001").json["ticket"]["description"] == SAID.strip()
    for path, who in READ_BY.items():
        page = sign_in(**who).get(path).text
        assert AS_TEXT in page
        assert "<script>window.hurt" not in page
