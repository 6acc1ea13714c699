import signal
import sys

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Makes the database and the superuser, and serves the site."

    def handle(self, *args, **options):
        # The first process of a container has no default for this signal.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        call_command("migrate", verbosity=0)
        # The password is in $DJANGO_SUPERUSER_PASSWORD. Nobody says a first name.
        call_command(
            "createsuperuser", interactive=False, username="admin", email="admin@welcome.example", verbosity=0
        )
        call_command("runserver", "0.0.0.0:8000", use_reloader=False)
