"""Rows of the organisation. Group and companies, posts, people, what they are described by and planned to do."""

from guiju.org.models.descriptions import Contact, DescribedDuty, JobDescription
from guiju.org.models.exports import ExportRequest
from guiju.org.models.looks import Look
from guiju.org.models.people import Certificate, Delegation, Holding, Person
from guiju.org.models.plans import Goal, PlanVersion, Task, TaskCheck, WorkPlan
from guiju.org.models.posts import Establishment, Post
from guiju.org.models.structure import (
    Centre,
    Company,
    CompanyDuty,
    Department,
    Function,
    FunctionMove,
    Group,
    Team,
)

__all__ = [
    "Centre",
    "Certificate",
    "Company",
    "CompanyDuty",
    "Contact",
    "Delegation",
    "Department",
    "DescribedDuty",
    "Establishment",
    "ExportRequest",
    "Function",
    "FunctionMove",
    "Goal",
    "Group",
    "Holding",
    "JobDescription",
    "Look",
    "Person",
    "PlanVersion",
    "Post",
    "Task",
    "TaskCheck",
    "Team",
    "WorkPlan",
]
