"""Fakes of what lies outside: they behave, but on command."""
