"""Needs of the steps: each returns None, or why not, in the words of the SOP. One file a process."""
