"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from guiju import lifetime

os.environ["DJANGO_SETTINGS_MODULE"] = "guiju.bench.bare.settings"
if os.environ.get(lifetime.SERVER) == str(os.getppid()):
    lifetime.end_with_parent()
application = get_wsgi_application()
