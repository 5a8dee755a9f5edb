"""Verbs of this app: each is one business act."""
