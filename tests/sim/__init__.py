"""Seeded simulations: our own handlers under a clock that we move, and surroundings that misbehave by the dice."""
