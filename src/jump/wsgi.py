"""What the web server calls. On SQLite it also starts the worker thread, in the serving process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")

from django.core.wsgi import get_wsgi_application

from jump.base.outbox import start_worker_thread

application = get_wsgi_application()
start_worker_thread()
