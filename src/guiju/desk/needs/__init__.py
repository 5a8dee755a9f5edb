"""Needs of the desk's steps, one file a process."""
