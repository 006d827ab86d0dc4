"""Make the tables of the stock log-ins and their people: a command of its own, because it has other settings."""

from bench import portal


def main() -> None:
    """Migrate the database that DATABASE_URL names, and add the people."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    hashed = make_password(portal.PASSWORD)
    User.objects.bulk_create(User(username=portal.username(n), password=hashed) for n in range(portal.PEOPLE))


if __name__ == "__main__":
    main()
