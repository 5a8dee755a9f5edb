"""Whose business a buyer is."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from guiju.customers.models import Customer
from guiju.estate.models import Project
from guiju.org.gates import scope_of, sight_of
from guiju.org.models import Person
from guiju.sales.models import DealBuyer


def customers_of(person: Person, at: datetime, *, in_full: bool = False) -> QuerySet[Customer]:
    """
    Return the customers of the companies that the person works for, merged entries too.

    Who works in some projects only has no business with people who bought in the others (DECISIONS 20, E-4.4-b).
    ``in_full``: only those whose names and phones the work needs (E-4.4-a).
    """
    scope = sight_of(person, at=at).full if in_full else scope_of(person, at=at)
    mine = Q(company_id__in=scope.companies)
    if scope.projects:
        bought = DealBuyer.objects.filter(customer=OuterRef("pk"))
        here = Exists(bought.filter(deal__project_id__in=scope.projects)) | ~Exists(bought)
        theirs = Project.objects.filter(pk__in=scope.projects).values_list("company_id", flat=True)
        mine |= Q(here, company_id__in=set(theirs))
    return Customer.objects.filter(mine)
