"""The cookie, names and permissions."""

import pytest

from schemas.errors import FORBIDDEN, NOT_SIGNED_IN, WireError
from server.auth.actors import NAME_LENGTH_MAX, clean_email, clean_name, make_actor
from server.auth.permissions import meets, missing
from server.auth.sessions import SessionCookie
from server.kernel.module import Permission

GUEST = make_actor("gst_1", "guest", "Ann", "en", ())
ACCOUNT = make_actor("acc_1", "account", "Ann", "en", ())
HOST = make_actor("acc_2", "account", "Ann", "en", ("host",))


def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    header = SessionCookie(secure=True).write("abc")
    assert header.startswith("__Host-efir_session=abc; Path=/;")
    assert "; Secure" in header
    assert "; HttpOnly; SameSite=Lax" in header
    assert "Domain" not in header


def test_over_http_the_cookie_works_without_tls() -> None:
    header = SessionCookie(secure=False).write("abc")
    assert header.startswith("efir_session=abc;")
    assert "Secure" not in header


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("efir_session=abc", "abc"),
        ("a=b; efir_session=abc; c=d", "abc"),
        ("efir_sessions=abc", None),
        ("__Host-efir_session=abc", None),
        ("efir_session=", None),
        ("efir_session=" + "x" * 129, None),
        ("efir_session=я", None),
        (";;;=;efir_session", None),
        ("", None),
    ],
)
def test_the_token_is_read_from_the_cookie_header(header: str, token: str | None) -> None:
    assert SessionCookie(secure=False).read(header) == token


def test_what_is_written_can_be_read_and_cleared() -> None:
    cookie = SessionCookie(secure=True)
    assert cookie.read(cookie.write("abc").split(";")[0]) == "abc"
    assert cookie.read(cookie.clear().split(";")[0]) is None
    assert "Max-Age=0" in cookie.clear()


@pytest.mark.parametrize(
    ("permission", "nobody", "guest", "account", "host"),
    [
        ("anyone", None, None, None, None),
        ("guest", NOT_SIGNED_IN, None, None, None),
        ("account", NOT_SIGNED_IN, FORBIDDEN, None, None),
        ("host", NOT_SIGNED_IN, FORBIDDEN, FORBIDDEN, None),
    ],
)
def test_permissions(
    permission: Permission, nobody: WireError | None, guest: WireError | None, account: WireError | None, host: WireError | None
) -> None:
    answers = [missing(actor, permission) for actor in (None, GUEST, ACCOUNT, HOST)]
    assert answers == [nobody, guest, account, host]
    assert [meets(actor, permission) for actor in (None, GUEST, ACCOUNT, HOST)] == [answer is None for answer in answers]


def test_names_are_composed_and_cut() -> None:
    assert clean_name("Zoe\u0308") == "Zoë"
    assert clean_name("x" * 100) == "x" * NAME_LENGTH_MAX
    assert clean_name("Анна  🦊") == "Анна 🦊"


def test_emails_have_one_form() -> None:
    assert clean_email("Ann@EXAMPLE.org") == clean_email(" ann@example.org")


def test_within_telegrams_frame_the_cookie_of_the_frame_counts() -> None:
    cookie = SessionCookie(secure=True)
    framed = cookie.write("framed", framed=True).split(";")[0]
    plain = cookie.write("plain").split(";")[0]
    assert cookie.read(f"{plain}; {framed}") == "framed"
    assert cookie.is_framed(f"{plain}; {framed}")
    assert not cookie.is_framed(plain)
    assert cookie.read(f"{framed}; {cookie.framed_name}=other") == "framed"
    assert cookie.read("efir_framed=abc") is None
