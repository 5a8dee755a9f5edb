"""Addresses that a link opens, without an account."""

from __future__ import annotations

from django.urls import URLPattern, path

from guiju.portal import message, views

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("message/<str:token>/", message.message, name="message"),
    path("<str:token>/", views.door, name="door"),
    path("<str:token>/code/", views.code, name="code"),
]
