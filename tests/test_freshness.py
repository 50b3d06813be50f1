"""Is an answer drawn anew only for those who do not have it?"""

from dispatch.freshness import unless_known


def test_an_answer_is_drawn_once_for_each_tag(app):
    drawn = []

    def draw():
        drawn.append(1)
        return "words"

    with app.test_request_context():
        first = unless_known("abc", draw)
    tag = first.headers["ETag"]
    with app.test_request_context(headers={"If-None-Match": tag}):
        again = unless_known("abc", draw)
    with app.test_request_context(headers={"If-None-Match": tag}):
        changed = unless_known("abd", draw)
    assert [each.status_code for each in (first, again, changed)] == [200, 304, 200]
    assert (first.get_data(as_text=True), again.get_data(), len(drawn)) == ("words", b"", 2)
    assert {each.headers["Cache-Control"] for each in (first, again)} == {"private, no-cache"}
