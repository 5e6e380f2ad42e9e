"""Robots, clients of the server like any other: the house channel with its shop, host and viewers; the buyers of rehearsals."""
