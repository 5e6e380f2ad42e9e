"""Who may come in, who is on stage, and what follows from each change."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import event_type
from schemas.errors import (
    GUEST_REMOVED,
    INVITE_EXPIRED,
    INVITE_REVOKED,
    INVITE_USED,
    NOT_ON_STAGE,
    SHOW_ENDED,
    STAGE_FULL,
    TOO_MANY_INVITES,
    WAITING_ROOM_FULL,
    WireError,
)
from schemas.media import HOST, PLACES_MAX, StageOrder
from server.modules.guests import rules
from server.modules.guests.channel import backstage_state, stage_state
from server.modules.guests.rules import Backstage, Guest, Invite

NOW = 1_000


def an_invite(number: int = 1, *, max_uses: int = 10, expires_at_ms: int = 10_000) -> Invite:
    return Invite(
        invite_id=f"inv_{number}",
        key_hash=f"hash {number}",
        label="Ivan",
        max_uses=max_uses,
        created_at_ms=0,
        expires_at_ms=expires_at_ms,
    )


def a_guest(number: int, invite: int = 1) -> Guest:
    return Guest(
        participant_id=f"pas_{number}",
        invite_id=f"inv_{invite}",
        actor_id=f"gst_{number}",
        token_hash=f"token {number}",
        name=f"Guest {number}",
        joined_at_ms=number,
    )


def done(decided: Backstage | WireError) -> Backstage:
    assert isinstance(decided, Backstage), decided
    return decided


def with_guests(count: int, *, live: int = 0) -> Backstage:
    stage = Backstage(show_id="shw_1")
    for number in range(1, count + 1):
        if number % 10 == 1:
            stage = done(rules.invite(stage, an_invite(number)))
        stage = done(rules.accept(stage, a_guest(number, (number - 1) // 10 * 10 + 1), NOW))
    for number in range(1, live + 1):
        stage = done(rules.admit(stage, f"pas_{number}"))
    return stage


def standings(stage: Backstage) -> dict[str, str]:
    return {guest.participant_id: guest.standing for guest in stage.guests}


def test_an_invitation_opens_as_often_as_it_says_and_not_once_more() -> None:
    stage = done(rules.invite(Backstage(show_id="shw_1"), an_invite(max_uses=2)))
    for number in (1, 2):
        assert rules.invite_state(stage.invites[0], NOW) == "open"
        stage = done(rules.accept(stage, a_guest(number), NOW))
    assert rules.invite_state(stage.invites[0], NOW) == "used"
    assert rules.accept(stage, a_guest(3), NOW) == INVITE_USED
    assert standings(stage) == {"pas_1": "waiting", "pas_2": "waiting"}


def test_an_invitation_ends_at_its_time_to_the_millisecond() -> None:
    stage = done(rules.invite(Backstage(show_id="shw_1"), an_invite(expires_at_ms=10_000)))
    assert isinstance(rules.accept(stage, a_guest(1), 9_999), Backstage)
    assert rules.accept(stage, a_guest(1), 10_000) == INVITE_EXPIRED


def test_revoking_an_invitation_ends_the_passes_that_came_of_it_and_no_others() -> None:
    stage = with_guests(11, live=1)
    after = rules.revoke(stage, "inv_1", NOW)
    assert standings(after) == {f"pas_{number}": "removed" for number in range(1, 11)} | {"pas_11": "waiting"}
    assert rules.accept(after, a_guest(12), NOW) == INVITE_REVOKED
    assert rules.revoke(after, "inv_1", NOW + 1) == after


@pytest.mark.parametrize("kind", ["admit", "send_back", "mute"])
def test_removed_is_final_for_the_pass(kind: str) -> None:
    stage = with_guests(2, live=1)
    removed = rules.remove(stage, "pas_1")
    # As the next change reads it: who was removed is gone.
    later = Backstage(show_id="shw_1", guests=removed.guests[1:])
    actions: dict[str, Callable[[Backstage, str], Backstage | WireError]] = {
        "admit": rules.admit,
        "send_back": rules.send_back,
        "mute": lambda backstage, guest: rules.mute(backstage, guest, ["audio"]),
    }
    for backstage in (removed, later):
        assert actions[kind](backstage, "pas_1") == GUEST_REMOVED
        assert rules.remove(backstage, "pas_1") == backstage


def test_the_stage_has_three_places_for_guests() -> None:
    stage = with_guests(5, live=PLACES_MAX - 1)
    assert rules.admit(stage, "pas_4") == STAGE_FULL
    assert rules.admit(stage, "pas_3") == stage, "who is on stage already takes no second place"
    freed = done(rules.send_back(stage, "pas_2"))
    assert standings(done(rules.admit(freed, "pas_4")))["pas_4"] == "live"


def test_the_waiting_room_and_the_list_of_invitations_have_an_end() -> None:
    crowded = done(rules.invite(with_guests(rules.GUESTS_MAX), an_invite(99)))
    assert rules.accept(crowded, a_guest(99, 99), NOW) == WAITING_ROOM_FULL
    full = Backstage(show_id="shw_1", invites=tuple(an_invite(number) for number in range(rules.INVITES_MAX)))
    assert rules.invite(full, an_invite(999)) == TOO_MANY_INVITES


def test_only_somebody_on_stage_is_featured_and_only_as_long() -> None:
    stage = with_guests(2, live=1)
    assert rules.arrange(stage, "solo", "pas_2") == NOT_ON_STAGE
    assert rules.arrange(stage, "solo", "pas_9") == NOT_ON_STAGE
    arranged = done(rules.arrange(stage, "solo", "pas_1"))
    assert (arranged.layout, arranged.featured) == ("solo", "pas_1")
    for after in (
        done(rules.send_back(arranged, "pas_1")),
        rules.remove(arranged, "pas_1"),
        rules.revoke(arranged, "inv_1", NOW),
    ):
        assert (after.layout, after.featured) == ("solo", HOST)


def test_an_ended_show_takes_nobody_and_lets_everybody_go() -> None:
    stage = rules.end(with_guests(2, live=1))
    assert set(standings(stage).values()) == {"removed"}
    refusals = [
        rules.invite(stage, an_invite(9)),
        rules.accept(stage, a_guest(9), NOW),
        rules.admit(stage, "pas_1"),
        rules.send_back(stage, "pas_1"),
        rules.mute(stage, "pas_1", ["audio"]),
        rules.arrange(stage, "solo", HOST),
    ]
    assert refusals == [SHOW_ENDED] * len(refusals)


def test_news_of_a_guests_media_count_in_the_order_of_their_time() -> None:
    stage = rules.connected(with_guests(1), "pas_1", 2, 500)
    assert stage.guests[0].place == 2
    assert rules.disconnected(stage, "pas_1", 499) == stage, "the end of an earlier session"
    assert rules.disconnected(stage, "pas_1", 501).guests[0].place is None
    assert rules.connected(stage, "pas_9", 1, 600) == stage
    gone = rules.remove(stage, "pas_1")
    assert rules.connected(gone, "pas_1", 1, 600) == gone


def test_what_is_muted_is_a_set() -> None:
    stage = with_guests(1, live=1)
    muted = done(rules.mute(stage, "pas_1", ["video", "audio", "video"]))
    assert rules.order_of(muted.guests[0]) == StageOrder(on_stage=True, muted=("audio", "video"))
    assert rules.mute(muted, "pas_1", ["audio", "video"]) == muted
    assert done(rules.mute(muted, "pas_1", [])) == stage


def test_facts_say_what_happened_once() -> None:
    def told(before: Backstage, after: Backstage | WireError) -> list[str]:
        return [event_type(fact).removeprefix("guests.").removesuffix(".v1") for fact in rules.facts(before, done(after))]

    empty = Backstage(show_id="shw_1")
    invited = done(rules.invite(empty, an_invite()))
    waiting = done(rules.accept(invited, a_guest(1), NOW))
    live = done(rules.admit(waiting, "pas_1"))
    featured = done(rules.arrange(live, "solo", "pas_1"))
    assert told(empty, invited) == ["invite_created"]
    assert told(invited, waiting) == ["guest_arrived"]
    assert told(waiting, live) == ["guest_admitted"]
    assert told(live, rules.mute(live, "pas_1", ["audio"])) == ["guest_muted"]
    assert told(live, rules.send_back(live, "pas_1")) == ["guest_returned"]
    assert told(featured, rules.remove(featured, "pas_1")) == ["guest_removed", "layout_changed"]
    assert told(live, rules.revoke(live, "inv_1", NOW)) == ["invite_revoked", "guest_removed"]
    assert told(live, rules.connected(live, "pas_1", 1, 5)) == []
    assert told(live, live) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "admit", "back", "mute", "remove", "revoke", "arrange", "connect", "disconnect"]),
        st.integers(1, 6),
        st.integers(0, 50),
    ),
    max_size=40,
)


def take(stage: Backstage, kind: str, number: int, at_ms: int) -> Backstage | WireError:
    participant_id = f"pas_{number}"
    choices: dict[str, Any] = {
        "accept": lambda: rules.accept(stage, a_guest(at_ms), NOW),
        "admit": lambda: rules.admit(stage, participant_id),
        "back": lambda: rules.send_back(stage, participant_id),
        "mute": lambda: rules.mute(stage, participant_id, ["audio"]),
        "remove": lambda: rules.remove(stage, participant_id),
        "revoke": lambda: rules.revoke(stage, "inv_1", at_ms),
        "arrange": lambda: rules.arrange(stage, "solo", participant_id),
        "connect": lambda: rules.connected(stage, participant_id, number, at_ms),
        "disconnect": lambda: rules.disconnected(stage, participant_id, at_ms),
    }
    decided: Backstage | WireError = choices[kind]()
    return decided


@given(STEPS)
def test_whatever_happens_the_stage_keeps_its_promises(steps: list[tuple[str, int, int]]) -> None:
    stage = rules.numbered(Backstage(show_id="shw_1"), with_guests(6))
    for kind, number, at_ms in steps:
        if kind == "accept" and any(guest.participant_id == f"pas_{at_ms}" for guest in stage.guests):
            continue
        decided = take(stage, kind, number, at_ms)
        if isinstance(decided, WireError):
            continue
        after = rules.numbered(stage, decided)
        live = [guest for guest in after.guests if guest.standing == "live"]
        assert len(live) <= PLACES_MAX - 1
        assert after.featured in {HOST} | {guest.participant_id for guest in live}
        assert all(invite.uses <= invite.max_uses for invite in after.invites)
        before_of = {guest.participant_id: guest for guest in stage.guests}
        for guest in after.guests:
            was = before_of.get(guest.participant_id)
            if was is not None:
                assert was.standing != "removed" or guest.standing == "removed"
                assert (guest.version > was.version) == (guest != was)
            assert guest.standing != "removed" or guest.place is None
        assert (after.version > stage.version) == (after != stage)
        seen = stage_state(after) != stage_state(stage)
        assert (after.stage_version > stage.stage_version) == seen
        assert backstage_state(after).version == after.version
        stage = after
