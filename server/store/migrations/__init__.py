"""Alembic's environment: `env.py`, the template of a new step, and the steps in `versions/`."""
