"""Commands of Django that this program does its own way."""
