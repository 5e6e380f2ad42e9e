"""WHEP (draft-ietf-wish-whep): a viewer's offer becomes a subscriber."""

from media.negotiation import OutgoingSource, answer, choose_played, dtls_role
from media.node import MediaNode
from media.peer import Who
from media.subscriber import Subscriber
from media.whip import parse_offer
from schemas.errors import STREAM_INACTIVE, Refused

KIND = Subscriber


def open_session(node: MediaNode, stream_id: str, offer_text: str, client_address: str, who: Who) -> tuple[Subscriber, str]:
    """The new session and the answer.

    Raises:
        Refused: draining, full, nothing on air, or an offer that does not fit the stream.
    """
    node.admit(client_address)
    offer = parse_offer(offer_text)
    stream = node.streams.get(stream_id)
    ready = stream is not None and (stream.active or (who.role == "host" and any(p.publishing for p in stream.stage.places)))
    if stream is None or not ready:
        raise Refused(STREAM_INACTIVE)
    sources = stream.sources()
    chosen = choose_played(offer, sources)
    node.check_room(Subscriber, node.limits.subscribers)
    subscriber = Subscriber(
        node.transport,
        stream,
        chosen,
        dtls_role(offer),
        client_address,
        viewer_role=who.role,
        participant_id=who.participant_id,
    )
    stream.subscribers[subscriber.id] = subscriber
    node.sessions[subscriber.id] = subscriber
    by_mid: dict[str, OutgoingSource] = {
        item.media.mid: sources["video" if item.media.kind == "video" else "audio", item.place]
        for item in chosen
        if item.codec is not None
    }
    return subscriber, answer(offer, chosen, subscriber.local_end(by_mid), sends=True)
