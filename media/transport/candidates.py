"""The candidates in our answers: host candidates for UDP, and passive ones for TCP below them. Pure."""

from collections.abc import Sequence

_HOST, _HOST_TCP = 126, 90  # type preferences: RFC 8445 §5.1.2.1, and lower for TCP as RFC 6544 §4.2 wants
_PASSIVE = 4  # direction preference of RFC 6544 §4.2
_COMPONENT = 1  # RTP and RTCP share it


def candidate_lines(addresses: Sequence[str], udp_port: int, tcp_port: int = 0) -> list[str]:
    """Every address of ours, the first one preferred; `tcp_port` 0 leaves TCP out.

    There will be no others, so the list is closed (RFC 8838 §8.2). The UDP lines come first: FFmpeg and OBS read the first that
    they understand.
    """
    hosts = [address.partition("%")[0] for address in addresses]  # a scope means nothing on another machine (RFC 4007 §11)
    lines = []
    for position, host in enumerate(hosts):
        priority = _HOST << 24 | (65_535 - position) << 8 | 256 - _COMPONENT
        lines.append(f"a=candidate:{position + 1} {_COMPONENT} udp {priority} {host} {udp_port} typ host")
    for position, host in enumerate(hosts if tcp_port else ()):
        preference = _PASSIVE << 13 | 8_191 - position
        priority = _HOST_TCP << 24 | preference << 8 | 256 - _COMPONENT
        number = len(hosts) + position + 1  # TCP has foundations of its own (RFC 8445 §5.1.1.3)
        lines.append(f"a=candidate:{number} {_COMPONENT} tcp {priority} {host} {tcp_port} typ host tcptype passive")
    return [*lines, "a=end-of-candidates"]
