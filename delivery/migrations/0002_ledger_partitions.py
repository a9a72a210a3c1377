from django.db import migrations


def partition(apps, schema_editor):
    """
    Make the ledger of PostgreSQL a partitioned table, with the first partition. Its key has the mailing too, as PostgreSQL
    wants. The table is empty: what was in it before the first release is not kept.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    ledger = apps.get_model("delivery", "Delivery")
    for statement in (
        "CREATE TABLE ledger (LIKE delivery_delivery INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (mailing_id)",
        "DROP TABLE delivery_delivery",
        "ALTER TABLE ledger RENAME TO delivery_delivery",
        "ALTER SEQUENCE ledger_id_seq RENAME TO delivery_delivery_id_seq",
        "ALTER TABLE delivery_delivery ADD CONSTRAINT delivery_delivery_pkey PRIMARY KEY (id, mailing_id)",
        "CREATE TABLE delivery_delivery_0 PARTITION OF delivery_delivery FOR VALUES FROM (MINVALUE) TO (1000000)",
    ):
        schema_editor.execute(statement)
    for index in ledger._meta.indexes:
        schema_editor.add_index(ledger, index)
    for constraint in ledger._meta.constraints:
        schema_editor.add_constraint(ledger, constraint)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]

    operations = [migrations.RunPython(partition, elidable=False)]
