"""Init, backup and restore as the administrator does them, on the database of this run."""

import tarfile
from argparse import Namespace
from datetime import UTC, datetime

import pytest

from guiju.installation import _first_administrator
from tests.program.installations import ADMIN, KEYS


def test_an_installation_moves_in_one_file(prepared, place, tmp_path):
    old, new, file = place.copy(prepared, "old"), place.empty("new"), tmp_path / "guiju.tar"
    photo = old.folder / "attachments" / "ab" / "abc"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a photo")

    saved = old.guiju("backup", str(file))
    restored = new.guiju("restore", str(file))

    assert (saved.returncode, restored.returncode) == (0, 0), saved.stderr + restored.stderr
    assert new.people() == old.people() == "['boss']"
    assert (new.folder / "attachments" / "ab" / "abc").read_bytes() == b"a photo"
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as tar:
        manifest = tar.extractfile("manifest.json").read()
    assert KEYS["GUIJU_DATA_KEY"].encode() not in manifest


def test_a_restore_replaces_nothing_unless_told_to(prepared, place, tmp_path):
    old, other, file = prepared, place.copy(prepared, "other"), tmp_path / "guiju.tar"
    (other.folder / "attachments" / "later").write_bytes(b"made after the backup")
    old.guiju("backup", str(file))

    refused = other.guiju("restore", str(file))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert (other.folder / "attachments" / "later").exists()

    forced = other.guiju("restore", str(file), "--force")
    assert forced.returncode == 0, forced.stderr
    assert other.people() == "['boss']"
    assert not (other.folder / "attachments" / "later").exists()


def test_a_backup_is_refused_with_another_key_or_when_damaged(prepared, place, tmp_path):
    new, file = place.empty("new"), tmp_path / "guiju.tar"
    prepared.guiju("backup", str(file))

    again = prepared.guiju("backup", str(file))
    assert again.returncode == 1
    assert "exists already" in again.stderr

    wrong_key = new.guiju("restore", str(file), GUIJU_DATA_KEY="another")
    assert wrong_key.returncode == 1
    assert "another key" in wrong_key.stderr

    added_key = new.guiju("restore", str(file), GUIJU_DATA_KEY="another,encrypts people")
    assert added_key.returncode == 0, added_key.stderr

    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    damaged = new.guiju("restore", str(file), "--force")
    assert damaged.returncode == 1
    assert "damaged" in damaged.stderr or "no readable backup" in damaged.stderr

    nothing = new.guiju("restore", str(tmp_path / "none.tar"))
    assert (nothing.returncode, "does not exist" in nothing.stderr) == (1, True)


def test_init_can_be_run_again_and_replaces_nobody(prepared, place):
    here = place.copy(prepared, "here")

    again = here.guiju("init", "--admin", "intruder", *ADMIN[2:], given="a long pass phrase 8\n")

    assert again.returncode == 0, again.stderr
    assert here.people() == "['boss']"


def test_init_asks_for_an_administrator_and_takes_no_weak_password(unmanned):
    nobody = unmanned.guiju("init", "--quiet")
    weak = unmanned.guiju("init", *ADMIN, given="1234\n")

    assert nobody.returncode == 1
    assert "--admin" in nobody.stderr
    assert weak.returncode == 1
    assert "10" in weak.stderr
    assert unmanned.people() == "[]"


@pytest.mark.django_db
def test_a_company_named_without_an_administrator_is_said_not_to_be_made():
    said = []

    _first_administrator(
        Namespace(no_admin=True, company="甲公司", group=None),
        datetime(2026, 11, 21, tzinfo=UTC),
        said.append,
    )

    assert said == ["no company made: --company and --group belong to the first administrator"]


def test_keys_are_made_once_and_never_beside_a_database_that_has_another(tmp_path, monkeypatch):
    from guiju.installation import make_keys

    for name in ("GUIJU_SECRET_KEY", "GUIJU_DATA_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUIJU_DATA", str(tmp_path))

    made = make_keys()
    assert [file.name for file in made] == ["secret.key", "data.key"]
    assert [file.stat().st_mode & 0o777 for file in made] == [0o600, 0o600]
    assert make_keys() == []

    (tmp_path / "guiju.sqlite3").touch()
    (tmp_path / "data.key").unlink()
    with pytest.raises(SystemExit, match="could not read its personal data"):
        make_keys()


@pytest.mark.clause("E-4.4-c")
def test_a_restored_backup_gives_the_same_people_roles_and_verified_chain(prepared, place, tmp_path):
    old, new, file = place.copy(prepared, "old"), place.empty("new"), tmp_path / "guiju.tar"
    token = old.guiju("token", "create", "boss", "--label", "销售系统")
    assert token.returncode == 0, token.stderr
    before = old.guiju("audit", "verify")

    assert old.guiju("backup", str(file)).returncode == 0
    assert new.guiju("restore", str(file)).returncode == 0
    after = new.guiju("audit", "verify")

    assert (before.returncode, after.returncode) == (0, 0), after.stdout + after.stderr
    assert after.stdout == before.stdout
    assert "核对无误" in after.stdout
    # The same events to the last digest, the same token, the same post of the same person.
    said = (
        "import django; django.setup(); from guiju.kernel.models import Event; from guiju.api.models import Token;"
        "from guiju.org.models import Holding, Person;"
        "print([*Event.objects.order_by('pk').values_list('pk', 'digest')], [*Token.objects.values_list('digest')],"
        "[*Holding.objects.values_list('person__username', 'post__code')],"
        "Person.objects.get(username='boss').check_password('a long pass phrase 7'))"
    )
    assert new.python(said) == old.python(said)
    assert "('boss', 'administrator')" in new.python(said)
    assert new.python(said).endswith("True")
    # What was restored goes on: the next act is chained onto the last one.
    assert new.guiju("token", "create", "boss").returncode == 0
    assert new.guiju("audit", "verify").returncode == 0
