"""The yardstick: a project as ``django-admin startproject`` makes it, with one model, one view, one insert."""
