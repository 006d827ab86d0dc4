from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models

# What the demo of version 0.1.0 made, as it was then. Its addresses and domains end in ".example", which is never given
# out (RFC 2606): no real person or organisation has one of them, so what is found here was made by the demo.
DOMAINS = {"101": "riverside.nhs.example", "202": "moorland.nhs.example"}
SHARED_DOMAIN = "nhsmail.example"
NETWORKS = {"101": ("127.0.0.0/8", "::1/128"), "202": ("10.0.0.0/8",)}
# Organisation, ESR number, address, card.
PEOPLE = (
    ("101", "10000101", "amina.okafor@nhsmail.example", "555000000101"),
    ("101", "10000102", "ben.carter@nhsmail.example", ""),
    ("101", "10000103", "chloe.obrien@nhsmail.example", ""),
    ("202", "10000201", "dev.patel@home.example", ""),
    ("101", "10000104", "ewa.nowak@nhsmail.example", "555000000105"),
    ("202", "10000202", "ewa.nowak@nhsmail.example", "555000000105"),
    ("101", "10000105", "femi.adeyemi@nhsmail.example", ""),
    ("101", "10000106", "grace.hughes@nhsmail.example", "555000000107"),
    ("101", "10000108", "harjit.singh@nhsmail.example", "555000000108"),
    ("202", "10000204", "isla.macleod@moorland.nhs.example", ""),
    ("101", "10000107", "jess.turner@riverside.nhs.example", "555000000110"),
)


def _mark_what_the_demo_made(apps, schema_editor):
    """Mark what the demo wrote into this database before there were marks, into a production's too.

    It took organisations with its codes and people with its ESR numbers for its own: of those that were real, only what
    it added is marked.
    """
    marks = apps.get_model("accounts", "DemoMark").objects.using(schema_editor.connection.alias)

    def mark(part, model, rows):
        for row in rows.using(schema_editor.connection.alias).values_list("pk", flat=True):
            marks.create(part=part, model=f"accounts.{model}", row=row)

    def objects(model):
        return apps.get_model("accounts", model).objects

    for code, domain in DOMAINS.items():
        # Where the demo made the organisation, its contact is at the demo's domain too.
        theirs = objects("Organisation").filter(code=code, support_email=f"esr@{domain}")
        mark(f"organisation {code}", "Organisation", theirs)
        for each in (domain, SHARED_DOMAIN):
            domains = objects("EmailDomain").filter(organisation__code=code, domain=each)
            mark(f"email domain {code} {each}", "EmailDomain", domains)
        # The demo gave an organisation that it found its domain and its networks, both or neither.
        for network in NETWORKS[code]:
            networks = objects("TrustedNetwork").filter(
                organisation__code=code, network=network, organisation__email_domains__domain=domain
            )
            mark(f"network {code} {network}", "TrustedNetwork", networks)
    for code, number, email, card in PEOPLE:
        facts = {"organisation__code": code, "employee_number": number}
        mark(f"person {code} {number}", "User", objects("User").filter(**facts, email=email))
        cards = objects("CareIdentity").filter(uid=card, **{f"user__{fact}": value for fact, value in facts.items()})
        mark(f"card {code} {number}", "CareIdentity", cards)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_last_login_is_gone")]

    operations = [
        migrations.CreateModel(
            name="DemoMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=200, unique=True)),
                ("model", models.CharField(blank=True, default="", max_length=60)),
                ("row", models.BigIntegerField(null=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("model", "row"), name="demo_mark_once_a_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("model", ""), ("row__isnull", True)),
                            models.Q(models.Q(("model", ""), _negated=True), ("row__isnull", False)),
                            _connector="OR",
                        ),
                        name="demo_mark_names_a_row_or_the_database",
                    ),
                ],
            },
        ),
        migrations.RunPython(_mark_what_the_demo_made, migrations.RunPython.noop),
    ]
