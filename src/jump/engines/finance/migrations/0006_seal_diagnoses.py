"""What was wrong with people is written under keys of its own, as in submissions. Backwards it lies open again."""

from typing import Any

from django.db import migrations

from jump.base import keys


def seal(apps: Any, schema_editor: Any) -> None:
    for row in apps.get_model("finance", "CoverDiagnosis").objects.exclude(text="").order_by("pk"):
        row.sealed, row.text = keys.encrypt(keys.make(row.ref), row.text), ""
        row.save(update_fields=["sealed", "text"])


def unseal(apps: Any, schema_editor: Any) -> None:
    for row in apps.get_model("finance", "CoverDiagnosis").objects.exclude(sealed="").order_by("pk"):
        held = keys.keys_of([row.ref])
        row.text, row.sealed = (keys.decrypt(held[row.ref], row.sealed) if row.ref in held else ""), ""
        row.save(update_fields=["sealed", "text"])


class Migration(migrations.Migration):
    dependencies = [
        ("base", "0002_audit_guard"),
        ("finance", "0005_diagnoses_sealed"),
    ]

    operations = [migrations.RunPython(seal, unseal)]
