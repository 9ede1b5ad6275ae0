"""The pages and the API, for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from careloop.common.courtesy import counting_answers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careloop.config.settings")

application = counting_answers(get_wsgi_application())
