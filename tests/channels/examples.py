"""Histories of a channel kind made from nothing but its structs, by hypothesis; so a new kind is tried without being listed.

What a struct does not say, names do, as everywhere in `schemas/`: `version` only grows; a time `…_ms` is the clock's at the
publication; `…_id` names something, and the same thing is published again and again as it changes, unless it is in `ONCE`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from server.kernel.module import ChannelKind

ONCE = frozenset({"message_id", "notification_id"})
"""Things that never change: each is published once."""
THINGS = 7
"""So many different things change in turn; fewer than a kind forgets, and no divisor of what it keeps."""
STEP_MS = 1_000
EPOCH_MS = 1_700_000_000_000
TEXTS = st.sampled_from(["", "a", "Привет", "<b>not markup</b>", "\u2028", "😀", "line\nline", '"quoted"', "x" * 200])


Sample = dict[str, Any]


def samples(kind: ChannelKind) -> st.SearchStrategy[list[Sample]]:
    """Some publications of a kind, as builtins, without a place and a time."""
    return st.lists(value(inspect.type_info(kind.publication)), min_size=3, max_size=8)


def history(kind: ChannelKind, few: Sequence[Sample], length: int | None = None) -> list[msgspec.Struct]:
    """So many publications like these samples, as the server makes them one after the other; by default more than the kind's log
    keeps."""
    count = length or kind.history_length + 2 * THINGS + 3
    return [published(kind, few[number % len(few)], number) for number in range(count)]


def value(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Any value of a msgspec type, as builtins; what it is and when it was made is stamped on later."""
    match kind:
        case inspect.StructType():
            tag = {} if kind.tag_field is None else {kind.tag_field: st.just(kind.tag)}
            return st.fixed_dictionaries({**tag, **{field.encode_name: _field(field) for field in kind.fields}})
        case inspect.UnionType():
            return st.one_of([value(one) for one in kind.types])
        case inspect.ListType() | inspect.VarTupleType() | inspect.TupleType() | inspect.DictType():
            return _collection(kind)
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.NoneType() | inspect.BoolType():
            return st.none() if isinstance(kind, inspect.NoneType) else st.booleans()
        case inspect.IntType():
            return st.integers(kind.ge if kind.ge is not None else 0, kind.le if kind.le is not None else 2**40)
        case inspect.StrType():
            return TEXTS if kind.pattern is None else st.from_regex(kind.pattern, fullmatch=True)
        case inspect.Metadata():
            return value(kind.type)
    raise NotImplementedError(f"no values are made of {kind}: add the type here")


def _collection(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.ListType() | inspect.VarTupleType():
            return st.lists(value(kind.item_type), max_size=4)
        case inspect.TupleType():
            return st.tuples(*map(value, kind.item_types))
        case inspect.DictType():
            return st.dictionaries(value(kind.key_type), value(kind.value_type), max_size=4)
    raise NotImplementedError(f"no values are made of {kind}: add the type here")


def _field(field: inspect.Field) -> st.SearchStrategy[Any]:
    name = field.encode_name
    if name == "sku":
        return st.sampled_from(["A-1", "B-2", "C-3"])
    if name == "currency":
        return st.sampled_from(["EUR", "JPY", "USD"])
    if name.endswith("_ids"):
        return st.lists(_ids(name[:-1]), max_size=3)
    return _ids(name) if name.endswith("_id") else value(field.type)


def _ids(name: str) -> st.SearchStrategy[str]:
    return st.integers(0, 3 * THINGS).map(lambda number: thing(name, number))


def thing(name: str, number: int) -> str:
    """Id number so-and-so of the things of this name."""
    return f"{name[:3]}_{number:032x}"


def published(kind: ChannelKind, sample: Any, number: int) -> Any:
    """A sample as publication `number` (from 0) of its channel."""
    stamped = _stamped(sample, number)
    identity = _identity(inspect.type_info(kind.publication), stamped)
    if identity is not None:
        stamped[identity] = thing(identity, number if identity in ONCE else number % THINGS)
    return msgspec.convert(stamped, kind.publication)


def _identity(kind: inspect.Type, sample: Sample) -> str | None:
    """Which field says what the publication is about: the first one of its struct, if that is an id."""
    for one in kind.types if isinstance(kind, inspect.UnionType) else [kind]:
        assert isinstance(one, inspect.StructType)
        if one.tag_field is None or sample[one.tag_field] == one.tag:
            first = one.fields[0].encode_name
            return first if first.endswith("_id") else None
    raise AssertionError(f"{sample} is none of {kind}")


def _stamped(sample: dict[str, Any], number: int) -> dict[str, Any]:
    stamped = dict(sample)
    for name, held in sample.items():
        if name == "version":
            stamped[name] = number + 1
        elif name.endswith("_ms") and isinstance(held, int):
            stamped[name] = EPOCH_MS + number * STEP_MS
    return stamped


def nothing(shape: Any) -> Any:
    """The state of a channel on which nothing has happened yet."""
    return msgspec.convert(_nothing(inspect.type_info(shape)), shape)


def _nothing(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType():
            return {field.encode_name: _nothing(field.type) for field in kind.fields if field.required}
        case inspect.ListType() | inspect.VarTupleType():
            return []
        case inspect.DictType():
            return {}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.BoolType() | inspect.IntType():
            return 0 if isinstance(kind, inspect.IntType) else False
        case inspect.StrType():
            return "" if kind.pattern is None else "EUR"
        case inspect.UnionType():
            return None if any(isinstance(one, inspect.NoneType) for one in kind.types) else _nothing(kind.types[0])
        case inspect.Metadata():
            return _nothing(kind.type)
    raise NotImplementedError(f"nothing of {kind}: add the type here")


def fold(kind: ChannelKind, state: msgspec.Struct, pushes: Sequence[msgspec.Struct]) -> Any:
    """The state after these publications."""
    folded: Any = state
    for push in pushes:
        folded = kind.apply(folded, push)
    return folded
