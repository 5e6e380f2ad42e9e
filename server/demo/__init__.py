"""The house channel: a demo shop, a robot host and robot viewers; clients of the server like any other."""
