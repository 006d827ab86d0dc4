from __future__ import annotations

import django.core.validators
import idna
from django.db import migrations, models


def spell_domains_as_dns_has_them(apps, schema_editor):
    """Spell the domains of stored addresses in A-labels ("xn--mnchen-3ya.example"), as every look-up now does.

    Mail to these addresses went to the same domains before: it is what the mail library made of them when it sent. What
    stands before the @ stays as it is: it was case-folded when it was stored, and which letter ß had been is not known.
    """
    for name in ("User", "FormerEmail", "RecoveryLink"):
        rows = apps.get_model("accounts", name).objects.order_by()
        stored = rows.values_list("pk", "email").iterator(chunk_size=10_000)
        beyond_ascii = [(pk, email) for pk, email in stored if not email.isascii()]
        for pk, email in beyond_ascii:
            rows.filter(pk=pk, email=email).update(email=_spelt(email))


def _spelt(email):
    """Return an address with its domain in A-labels, or as it is where that is not possible or too long."""
    before, at, domain = email.rpartition("@")
    try:
        labels = [_a_label(label) for label in domain.split(".")]
    except ValueError:
        return email
    spelt = f"{before}{at}{'.'.join(labels)}"
    return spelt if len(spelt) <= 254 else email


def _a_label(label):
    return label if label.isascii() else idna.alabel(idna.uts46_remap(label, std3_rules=True)).decode()


class Migration(migrations.Migration):

    dependencies = [("accounts", "0007_demo_marks")]

    operations = [
        migrations.AlterField(
            model_name="emaildomain",
            name="domain",
            field=models.CharField(
                help_text="Like nhs.net.",
                max_length=253,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A(?=.{1,253}\\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])\\Z",
                        "Write the part after the @ in small letters, like nhs.net.",
                    )
                ],
            ),
        ),
        migrations.RunPython(spell_domains_as_dns_has_them, migrations.RunPython.noop, elidable=True),
    ]
