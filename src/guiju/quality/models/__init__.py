"""Rows of quality: complaints, call-backs, satisfaction, observation."""

from guiju.quality.models.complaint import Complaint

__all__ = ["Complaint"]
