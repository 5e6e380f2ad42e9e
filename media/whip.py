"""WHIP (RFC 9725): a host's offer becomes a publisher."""

from media import sdp
from media.negotiation import answer, choose_published, dtls_role
from media.node import MediaNode
from media.publisher import Publisher
from schemas.errors import MALFORMED, STREAM_TAKEN, Refused

KIND = Publisher


def open_session(node: MediaNode, stream_id: str, offer_text: str, client_address: str) -> tuple[Publisher, str]:
    """The new session and the answer.

    Raises:
        Refused: draining, full, taken by a publisher that still sends, or an offer that does not fit.
    """
    node.admit(client_address)
    offer = parse_offer(offer_text)
    chosen = choose_published(offer)
    stream = node.stream(stream_id)
    before = stream.publisher
    if isinstance(before, Publisher) and not before.silent(node.clock.monotonic_ms()):
        raise Refused(STREAM_TAKEN)
    if before is None:
        node.check_room(Publisher, node.limits.publishers)
    publisher = Publisher(node.transport, stream, chosen, dtls_role(offer), client_address, node.limits.publisher_bitrate_bps)
    stream.publisher = publisher
    if before is not None:
        before.close()  # after the change of hands, so that the stream goes on
    node.sessions[publisher.id] = publisher
    return publisher, answer(offer, chosen, publisher.local_end(), sends=False)


def parse_offer(text: str) -> sdp.Description:
    """An offer, or a refusal that says what is wrong with it.

    Raises:
        Refused: it is not a session description.
    """
    try:
        return sdp.parse(text)
    except sdp.SdpError as error:
        raise Refused(MALFORMED, f"The offer cannot be read: {error}") from error
