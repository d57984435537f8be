import pytest

from accounts.rules import REFRESH_GRACE_SECONDS, device_name, token_was_just_replaced

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/130.0".replace("X11; Linux x86_64", "Windows NT 10.0"), "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17.0 Safari/605.1", "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "Firefox on Android"),
        ("python-httpx/0.28", "python-httpx"),
        ("", ""),
    ],
)
def test_devices_are_named_as_people_call_them(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


@pytest.mark.parametrize(("seconds", "just"), [(0, True), (REFRESH_GRACE_SECONDS, True), (10.01, False), (3600, False)])
def test_a_replaced_token_has_a_short_grace(seconds: float, just: bool) -> None:
    assert token_was_just_replaced(seconds) is just
