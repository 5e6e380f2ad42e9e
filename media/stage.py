"""Who is in a stream: the host's place and those of guests, who is on stage, who is muted."""

from dataclasses import dataclass, field
from typing import Any

from media.uptrack import UpTrack
from schemas.errors import WAITING_ROOM_FULL, Refused
from schemas.media import HOST, PLACES_MAX, MediaKind, StagePlace


@dataclass(slots=True)
class Place:
    """A participant's tracks. Place 0 is the host's. Tracks stay when participants change."""

    index: int
    participant_id: str = ""
    publisher: Any = None
    """The `Host` (see `media.stream`) that feeds the tracks, or None while there is none."""
    on_stage: bool = False
    muted: frozenset[MediaKind] = frozenset()
    publishing: bool = False
    """Whether packets are coming."""
    tracks: dict[MediaKind, UpTrack] = field(default_factory=dict)

    def mute(self, muted: frozenset[MediaKind]) -> None:
        """Silence these kinds, and let the others pass."""
        self.muted = muted
        for kind, track in self.tracks.items():
            track.mute(kind in muted)

    def view(self) -> StagePlace:
        """For the web role."""
        return StagePlace(
            place=self.index,
            participant_id=self.participant_id,
            on_stage=self.on_stage,
            muted=tuple(sorted(self.muted)),
            publishing=self.publishing,
        )


class Stage:
    """The places of one stream."""

    def __init__(self) -> None:
        self.places = [Place(index) for index in range(PLACES_MAX)]
        self.host.participant_id = HOST
        self.host.on_stage = True

    @property
    def host(self) -> Place:
        """Place 0."""
        return self.places[0]

    def find(self, participant_id: str) -> Place | None:
        """Where a participant publishes."""
        return next((place for place in self.places if place.participant_id == participant_id and place.publisher), None)

    def take(self, participant_id: str) -> Place:
        """The participant's place: the host's, the one that a guest has or had last, else the first free one.

        Raises:
            Refused: `waiting_room_full`, every place has a publisher.
        """
        if participant_id == HOST:
            return self.host
        guests = self.places[1:]
        free = [place for place in guests if place.publisher is None]
        had = [place for place in guests if place.participant_id == participant_id]
        never_used = [place for place in free if not place.participant_id]
        candidates = had or never_used or free
        if not candidates:
            raise Refused(WAITING_ROOM_FULL)
        return candidates[0]

    def view(self) -> tuple[StagePlace, ...]:
        """Places with a participant."""
        return tuple(place.view() for place in self.places if place.publisher is not None)
