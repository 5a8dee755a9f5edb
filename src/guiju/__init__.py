"""归居: standard operating procedures that run."""

__version__ = "0.1.0"
