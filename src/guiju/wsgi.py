"""What the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from guiju import bodies, lifetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiju.settings")
lifetime.end_with_server()
application = bodies.Whole(get_wsgi_application(), threads=bodies.threads_wanted())
# What is loaded stays: the collector need not look through it again and again.
gc.collect()
gc.freeze()
