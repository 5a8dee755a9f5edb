"""Rules that every model keeps; a new model has to be put into one of the two lists."""

import pytest
from django.apps import apps
from django.db import models

from tests.house.layout import APPS

OURS = [m for app in APPS for m in apps.get_app_config(app).get_models()]


def label(model):
    return model._meta.label


def mentions(condition, name):
    """Whether a condition speaks about a field."""
    if isinstance(condition, models.Q):
        return any(mentions(child, name) for child in condition.children)
    if isinstance(condition, tuple):
        value = condition[1]
        return condition[0].split("__")[0] == name or (isinstance(value, models.F) and value.name == name)
    return any(mentions(e, name) for e in getattr(condition, "get_source_expressions", list)())


@pytest.mark.parametrize("model", OURS, ids=label)
def test_moment_and_person_of_an_act_are_bound_together(model):
    fields = {f.name: f for f in model._meta.get_fields() if isinstance(f, models.Field)}
    checks = [c.condition for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    unbound = []
    for name in [n for n in fields if n.endswith("_at") and n.removesuffix("_at") + "_by" in fields]:
        partner = name.removesuffix("_at") + "_by"
        # A moment that is always there may have nobody beside it: then the program itself acted.
        always = not fields[name].null
        if not always and not any(mentions(c, name) and mentions(c, partner) for c in checks):
            unbound.append((name, partner))

    assert unbound == []


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_model_has_an_order_of_its_own(model):
    assert not model._meta.ordering


@pytest.mark.parametrize("model", OURS, ids=label)
def test_moments_end_in_at_and_days_in_date_or_tell_from_when_until_when(model):
    moments = [f.name for f in model._meta.fields if isinstance(f, models.DateTimeField)]
    days = [f.name for f in model._meta.fields if type(f) is models.DateField]

    assert [n for n in moments if not n.endswith("_at") and n != "last_login"] == []
    assert [n for n in days if not n.endswith(("_date", "_from", "_until")) and n != "date"] == []


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_row_disappears_or_forgets_because_another_is_deleted(model):
    kinds = {f.name: f.remote_field.on_delete for f in model._meta.fields if f.remote_field}

    assert [
        n for n, kind in kinds.items() if kind in (models.SET_NULL, models.SET_DEFAULT, models.DO_NOTHING)
    ] == []


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_money_or_area_is_stored_as_a_fraction(model):
    assert [f.name for f in model._meta.fields if isinstance(f, models.FloatField)] == []


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_key_leads_to_a_higher_app(model):
    mine = APPS.index(model._meta.app_label)
    higher = [
        f.name
        for f in model._meta.fields
        if f.related_model and f.related_model._meta.app_label in APPS[mine + 1 :]
    ]

    assert higher == []


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_index_is_kept_of_which_a_longer_one_begins_with_the_same_columns(model):
    """Each index is written with every row. One that says where it holds (a condition) covers only part of the rows."""
    meta = model._meta
    whole = [c for c in [*meta.indexes, *meta.constraints] if getattr(c, "condition", None) is None]
    kept = {c.name: tuple(f.lstrip("-") for f in getattr(c, "fields", ())) for c in whole}
    single = {f.name: (f.name,) for f in meta.local_fields if f.db_index and not f.unique}
    plain = {c.name: kept[c.name] for c in whole if isinstance(c, models.Index) and kept[c.name]}

    redundant = [
        (name, longer)
        for name, columns in {**plain, **single}.items()
        for longer, others in kept.items()
        if longer != name and others[: len(columns)] == columns
    ]

    assert redundant == []
