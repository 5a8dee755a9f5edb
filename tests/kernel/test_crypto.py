"""Encryption at rest and keyed indexes."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from guiju.kernel.crypto import (
    CannotDecrypt,
    EncryptedJSONField,
    EncryptedTextField,
    blind_index,
    decrypt,
    encrypt,
    normalise_identity,
    normalise_phone,
)

PLACE = "customers_customer.phone"


@given(st.text())
def test_what_is_encrypted_can_be_read_again(text):
    assert decrypt(encrypt(text, PLACE), PLACE) == text


def test_the_same_text_never_looks_the_same():
    assert encrypt("19900001234", PLACE) != encrypt("19900001234", PLACE)
    assert b"1990" not in encrypt("19900001234", PLACE)


def test_a_value_moved_to_another_column_does_not_open():
    sealed = encrypt("19900001234", PLACE)

    with pytest.raises(CannotDecrypt, match=r"customers_customer\.address"):
        decrypt(sealed, "customers_customer.address")


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_a_changed_value_does_not_open(place):
    sealed = bytearray(encrypt("19900001234", PLACE))
    sealed[place % len(sealed)] ^= 1

    with pytest.raises(CannotDecrypt):
        decrypt(bytes(sealed), PLACE)


def test_a_new_key_encrypts_and_the_old_one_still_opens(settings):
    settings.GUIJU_DATA_KEYS = ["the old key"]
    old = encrypt("19900001234", PLACE)
    index = blind_index("phone", "19900001234")

    settings.GUIJU_DATA_KEYS = ["the new key", "the old key"]

    assert decrypt(old, PLACE) == "19900001234"
    assert decrypt(encrypt("李𬭎", PLACE), PLACE) == "李𬭎"
    assert blind_index("phone", "19900001234") == index
    settings.GUIJU_DATA_KEYS = ["the new key"]
    with pytest.raises(CannotDecrypt):
        decrypt(old, PLACE)


def test_without_a_key_nothing_is_stored(settings):
    settings.GUIJU_DATA_KEYS = [""]

    with pytest.raises(ImproperlyConfigured, match="without a key"):
        encrypt("19900001234", PLACE)


# --- indexes -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "written",
    [
        "19900001234",
        "199 0000 1234",
        "199-0000-1234",
        "+86 199 0000 1234",
        "+86-19900001234",
        "0086 19900001234",
        "8619900001234",
        "１９９００００１２３４",
        "19900001234转801",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written):
    assert normalise_phone(written) == "19900001234"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("010-8888 6666", "01088886666"),
        ("（010）88886666", "01088886666"),
        ("+86 10 8888 6666", "01088886666"),
        ("+86 (0)10 8888 6666", "01088886666"),
        ("010-88886666 转 8012", "01088886666"),
        ("400-820-8820", "4008208820"),
        ("+852 2345 6789", "+85223456789"),
        ("00852-2345-6789", "+85223456789"),
        ("", ""),
        ("无", ""),
    ],
)
def test_fixed_and_foreign_numbers(written, number):
    assert normalise_phone(written) == number


def test_identity_numbers_are_capital_and_without_blanks():
    assert normalise_identity("1101 0819 0610 2229 9x") == "11010819061022299X"
    assert normalise_identity("１１０１０８１９０６１０２２２９９Ｘ") == "11010819061022299X"
    assert normalise_identity("A123456（7）") == "A1234567"


def test_a_blind_index_finds_equal_data_and_tells_nothing():
    index = blind_index("phone", "+86 199 0000 1234")

    assert index == blind_index("phone", "19900001234")
    assert index != blind_index("phone", "19900001235")
    assert index != blind_index("account", "19900001234")
    assert len(index) == 32
    assert blind_index("phone", "") == ""
    assert blind_index("name", " 李 𬭎 ") == blind_index("name", "李𬭎")


def test_a_blind_index_needs_the_key(settings):
    index = blind_index("phone", "19900001234")
    settings.GUIJU_DATA_KEYS = ["another key"]

    assert blind_index("phone", "19900001234") != index


# --- fields --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def person(db):
    """A table with encrypted columns."""
    with isolate_apps("guiju.kernel"):

        class Someone(models.Model):
            phone = EncryptedTextField()
            note = EncryptedTextField(null=True)
            facts = EncryptedJSONField()
            kept = EncryptedTextField(place="someone.kept")

            class Meta:
                app_label = "kernel"

        with connection.schema_editor() as editor:
            editor.create_model(Someone)
        yield Someone
        with connection.schema_editor() as editor:
            editor.delete_model(Someone)


tables = pytest.mark.django_db(transaction=True)


@tables
def test_fields_are_plain_in_code_and_bytes_in_the_database(person):
    made = person.objects.create(
        phone="19900001234", facts={"names": ["李𬭎"], "born": date(1990, 1, 2), "price": Decimal("1.50")}
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, note, facts FROM kernel_someone")
        phone, note, facts = cursor.fetchone()
    read = person.objects.get(pk=made.pk)
    assert note is None
    assert decrypt(bytes(phone), "kernel_someone.phone") == "19900001234"
    assert b"names" not in bytes(facts)
    assert (read.phone, read.note) == ("19900001234", None)
    assert read.facts == {"names": ["李𬭎"], "born": "1990-01-02", "price": "1.50"}


@tables
def test_empty_values_and_defaults(person):
    made = person.objects.create()
    made.refresh_from_db()

    assert (made.phone, made.note, made.facts, made.kept) == ("", None, {}, "")
    assert person().phone == ""


@tables
def test_many_rows_are_written_at_once(person):
    rows = person.objects.bulk_create([person(phone=f"1990000{n:04}") for n in range(3)])
    for row in rows:
        row.phone += "x"
    person.objects.bulk_update(rows, ["phone"])
    person.objects.filter(pk=rows[0].pk).update(phone="changed")

    assert sorted(person.objects.values_list("phone", flat=True)) == [
        "19900000001x",
        "19900000002x",
        "changed",
    ]


@tables
def test_encrypted_columns_cannot_be_searched_only_asked_for_null(person):
    person.objects.create(phone="19900001234")

    assert person.objects.filter(note__isnull=True).count() == 1
    with pytest.raises(FieldError, match="blind index"):
        person.objects.filter(phone="19900001234").count()
    with pytest.raises(FieldError, match="blind index"):
        person.objects.filter(phone__contains="1234").count()


@tables
def test_a_fixed_place_survives_a_renamed_column(person):
    field = person._meta.get_field("kept")

    assert field.place == "someone.kept"
    assert field.deconstruct()[3]["place"] == "someone.kept"
    assert "place" not in person._meta.get_field("phone").deconstruct()[3]
