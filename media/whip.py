"""WHIP (RFC 9725): the offer of a host or a guest becomes a publisher."""

from media import sdp
from media.negotiation import answer, choose_published, dtls_role
from media.node import MediaNode
from media.peer import Who
from media.publisher import Publisher
from schemas.errors import MALFORMED, STREAM_TAKEN, Refused
from schemas.media import HOST

KIND = Publisher


def open_session(node: MediaNode, stream_id: str, offer_text: str, client_address: str, who: Who) -> tuple[Publisher, str]:
    """The new session and the answer. Whoever is neither guest nor host publishes as the host: the web role has authorised it.

    Raises:
        Refused: draining, full, taken by a publisher that still sends, or an offer that does not fit.
    """
    node.admit(client_address)
    offer = parse_offer(offer_text)
    chosen = choose_published(offer)
    stream = node.stream(stream_id)
    node.cascade.lead(stream_id)  # what this process took of it from another one comes by the pipe no more
    participant_id = who.participant_id or HOST
    place = stream.stage.take(participant_id)
    before = place.publisher
    if isinstance(before, Publisher) and not before.silent(node.clock.monotonic_ms()):
        raise Refused(STREAM_TAKEN)
    if before is None:
        node.check_room(Publisher, node.limits.publishers)
    publisher = Publisher(
        node.transport, stream, place, chosen, dtls_role(offer), client_address, node.limits.publisher_bitrate_bps, participant_id
    )
    place.publisher = publisher
    if before is None:
        place.participant_id = participant_id
        place.on_stage = place is stream.stage.host or who.on_stage
        place.mute(frozenset())
    else:
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
