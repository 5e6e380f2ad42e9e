"""Fuzzing of everything that a stranger can send to the relay: `python -m tests.media.fuzz --seconds 60 [target…]`.

`targets.py` has one plain function per target; `corpus/<target>/` holds its seeds. The normal test run replays all seeds and
mutates them (`test_targets.py`); the command searches by coverage with atheris (3.0.0), where that is installed. A finding
becomes a file in the corpus, and so a failing test.
"""
