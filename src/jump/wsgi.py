"""What the web server calls. On SQLite it also starts the worker thread, in the serving process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
