"""Addresses written the short way are those that the resolver gives."""

import pytest
from django.urls import NoReverseMatch, reverse
from django.urls.base import set_script_prefix

from guiju.web.addresses import address


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("web:todos", ()),
        ("web:case", ("RG-YQ1-2026-0317",)),
        ("web:step", ("RG-YQ1-2026-0317", "director_sign")),
        ("web:customer", (12,)),
        ("web:unit", (0,)),
        ("web:case", ("历史 50%/编号".replace("/", "-"),)),
    ],
)
def test_an_address_is_what_the_resolver_gives(name, args):
    assert address(name, *args) == reverse(name, args=args)


def test_what_no_page_takes_is_refused_as_the_resolver_refuses_it():
    with pytest.raises(NoReverseMatch):
        address("web:case", "a/b")
    with pytest.raises(NoReverseMatch):
        address("web:step", "RG-YQ1-2026-0317", "approve:1")


def test_an_address_keeps_the_place_under_which_the_program_is_served():
    try:
        set_script_prefix("/guiju/")
        assert address("web:case", "RG-1") == "/guiju/cases/RG-1/"
    finally:
        set_script_prefix("/")

    assert address("web:case", "RG-1") == "/cases/RG-1/"
