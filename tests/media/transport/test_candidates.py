"""Candidate lines are what aioice, an ICE that is not ours, reads; in the order that clients shall prefer."""

import ipaddress

from aioice import Candidate
from hypothesis import given
from hypothesis import strategies as st

from media.transport.candidates import candidate_lines

addresses = st.lists(st.ip_addresses().map(str), min_size=1, max_size=8, unique=True)


def read(lines: list[str]) -> list[Candidate]:
    assert lines[-1] == "a=end-of-candidates"
    return [Candidate.from_sdp(line.removeprefix("a=candidate:")) for line in lines[:-1]]


@given(addresses, st.integers(1, 65_535), st.integers(1, 65_535))
def test_every_address_is_there_for_udp_and_then_for_tcp(hosts: list[str], udp_port: int, tcp_port: int) -> None:
    read_back = read(candidate_lines(hosts, udp_port, tcp_port))
    udp, tcp = read_back[: len(hosts)], read_back[len(hosts) :]
    assert [(item.transport, item.host, item.port, item.tcptype) for item in udp] == [("udp", h, udp_port, None) for h in hosts]
    assert [(item.transport, item.host, item.port, item.tcptype) for item in tcp] == [
        ("tcp", h, tcp_port, "passive") for h in hosts
    ]
    priorities = [item.priority for item in read_back]
    assert priorities == sorted(set(priorities), reverse=True)
    assert all(0 < priority < 1 << 31 for priority in priorities)
    assert len({item.foundation for item in read_back}) == 2 * len(hosts)
    assert all(item.type == "host" and item.component == 1 for item in read_back)


def test_without_a_tcp_port_there_is_no_tcp() -> None:
    assert len(candidate_lines(["192.0.2.1", "2001:db8::1"], 8081)) == 3


def test_a_scope_is_left_out() -> None:
    (candidate,) = read(candidate_lines(["fe80::1%eth0"], 8081))
    assert ipaddress.ip_address(candidate.host) == ipaddress.ip_address("fe80::1")


def test_priorities_are_those_of_the_standards() -> None:
    udp, tcp = read(candidate_lines(["192.0.2.1"], 1, 2))
    assert udp.priority == (126 << 24) + (65_535 << 8) + 255  # RFC 8445 §5.1.2.1
    assert tcp.priority == (90 << 24) + (((1 << 13) * 4 + 8_191) << 8) + 255  # RFC 6544 §4.2
