"""The socket's view of addresses, in both families."""

import pytest

from media.transport.udp import endpoint_of


@pytest.mark.parametrize(
    ("sender", "endpoint"),
    [
        (("192.0.2.1", 5), ("192.0.2.1", 5)),
        (("2001:db8::1", 5, 0, 0), ("2001:db8::1", 5)),
        (("::ffff:192.0.2.1", 5, 0, 0), ("::ffff:192.0.2.1", 5)),
        (("fe80::1", 5, 0, 2), ("fe80::1%2", 5)),
        (("fe80::1%eth0", 5, 0, 2), ("fe80::1%eth0", 5)),
    ],
)
def test_only_a_link_local_address_keeps_a_scope(sender: tuple[str, int], endpoint: tuple[str, int]) -> None:
    assert endpoint_of(sender) == endpoint
