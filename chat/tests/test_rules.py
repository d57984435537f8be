import pytest

from chat.rules import MAX_PREVIEW, direct_key, is_emoji, preview_of, status_of


@pytest.mark.parametrize("emoji", ["👍", "❤️", "👩‍💻", "👍🏽", "🇵🇱", "⛴️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🫨"])
def test_pictographs_are_emojis(emoji: str):
    assert is_emoji(emoji)


@pytest.mark.parametrize(
    "text", ["", "a", "👍a", "👍 ", " 👍", "1", "\u202e👍", "👍\u202e", "<b>", "👍" * 17, "\u200d"]
)
def test_anything_else_is_not(text: str):
    assert not is_emoji(text)


def test_two_people_have_one_key_in_both_orders():
    assert direct_key(7, 12) == direct_key(12, 7) == "7:12"


@pytest.mark.parametrize(("seq", "status"), [(3, "read"), (4, "delivered"), (5, "delivered"), (6, "sent")])
def test_status_follows_the_watermarks(seq: int, status: str):
    assert status_of(seq, read_seq=3, delivered_seq=5) == status


def test_preview_is_one_short_line():
    assert preview_of("  one\n\ntwo\tthree ") == "one two three"
    assert preview_of("x" * 500) == "x" * (MAX_PREVIEW - 1) + "…"


def test_preview_of_files_alone_names_them():
    assert preview_of("", ["crew.pdf", "plan.png"]) == "crew.pdf, plan.png"
    assert preview_of("See these", ["crew.pdf"]) == "See these"
