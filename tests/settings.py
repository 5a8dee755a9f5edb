"""The program's own settings with a folder of its own, quick passwords and plain names of static files."""

import atexit
import os
import tempfile

_folder = tempfile.TemporaryDirectory(prefix="guiju-test-", ignore_cleanup_errors=True)
atexit.register(_folder.cleanup)
os.environ["GUIJU_DATA"] = _folder.name
os.environ["GUIJU_SECRET_KEY"] = "signs the sessions of tests"
os.environ["GUIJU_DATA_KEY"] = "encrypts the people of tests"
os.environ["GUIJU_PLAIN_HTTP"] = "1"
os.environ.setdefault("GUIJU_LOG_LEVEL", "WARNING")

from guiju.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "guiju.papers.storage.EncryptedFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]
# A test sees an appointment at once. See tests/worlds.py for those that may remember until one is written.
ORG_ROSTER_SECONDS = 0
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
