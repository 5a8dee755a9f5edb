"""Processes of this app: one SOP, one file."""
