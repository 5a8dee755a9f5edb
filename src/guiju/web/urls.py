"""Addresses of the staff pages."""

from __future__ import annotations

from django.urls import path

from guiju.web.views import (
    audit,
    cases,
    customers,
    days,
    desk,
    files,
    opening,
    own,
    people,
    searching,
    sops,
    steps,
    units,
)

app_name = "web"

urlpatterns = [
    path("", desk.home, name="home"),
    path("todos/", desk.todos, name="todos"),
    path("cases/", cases.cases, name="cases"),
    path("cases/new/<slug:process>/", opening.open_case, name="open"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/steps/<slug:step>/", steps.step, name="step"),
    path("cases/<str:number>/notes/", cases.note, name="note"),
    path("cases/<str:number>/points/<slug:step>/<str:key>/", cases.point, name="point"),
    path("cases/<str:number>/points/<slug:step>/<str:key>/override/", cases.override, name="override"),
    path("cases/<str:number>/clocks/<slug:clock>/pause/", cases.pause, name="pause"),
    path("cases/<str:number>/clocks/<slug:clock>/resume/", cases.resume, name="resume"),
    path("cases/<str:number>/vote/", cases.vote, name="vote"),
    path("cases/<str:number>/withdraw/", cases.withdraw, name="withdraw"),
    path("units/", units.units, name="units"),
    path("units/daily/", units.daily, name="daily"),
    path("units/<int:key>/", units.unit, name="unit"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:key>/", customers.customer, name="customer"),
    path("search/", searching.find, name="search"),
    path("imports/", units.imports, name="imports"),
    path("sops/", sops.library, name="sops"),
    path("sops/<str:code>/", sops.sop, name="sop"),
    path("sops/<str:code>/read/", sops.read, name="sop_read"),
    path("people/", people.people, name="people"),
    path("calendar/", days.year, name="calendar"),
    path("calendar/change/", days.change, name="calendar_change"),
    path("audit/", audit.overview, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/reactions/", audit.given_up, name="reactions"),
    path("audit/reactions/<int:key>/retry/", audit.retry, name="reaction_retry"),
    path("attachments/", files.upload, name="upload"),
    path("attachments/<slug:sha256>/", files.attachment, name="attachment"),
    path("papers/<int:key>/", files.paper, name="paper"),
    path("now/", own.now, name="now"),
    path("theme/", own.theme, name="theme"),
    path("project/", own.choose_project, name="choose_project"),
    path("me/", own.me, name="me"),
    path("more/", own.more, name="more"),
]
