import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

# Codes are given for ever, and a border once drawn is history: the database itself holds to it, under
# whichever login (23000: integrity constraint violation).
GUARDS = """
CREATE FUNCTION territory_area_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an area is retired, never deleted: %', OLD.code USING ERRCODE = '23000';
    END IF;
    IF NEW.code <> OLD.code THEN
        RAISE EXCEPTION 'a code is never changed: %', OLD.code USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER area_stays BEFORE DELETE OR UPDATE OF code ON territory_area
    FOR EACH ROW EXECUTE FUNCTION territory_area_stays();

CREATE FUNCTION territory_border_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a border is closed by a new version, never deleted: % v%', OLD.area_code, OLD.version
            USING ERRCODE = '23000';
    END IF;
    IF (NEW.area_code, NEW.version, NEW.geometry, NEW.valid_from)
        IS DISTINCT FROM (OLD.area_code, OLD.version, OLD.geometry, OLD.valid_from) THEN
        RAISE EXCEPTION 'a border is closed by a new version, never redrawn: % v%', OLD.area_code, OLD.version
            USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER border_stays BEFORE DELETE OR UPDATE ON territory_gridborder
    FOR EACH ROW EXECUTE FUNCTION territory_border_stays();
"""
NO_GUARDS = """
DROP TRIGGER border_stays ON territory_gridborder;
DROP FUNCTION territory_border_stays();
DROP TRIGGER area_stays ON territory_area;
DROP FUNCTION territory_area_stays();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Area",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=17)),
                ("prefix", models.CharField(db_collation="C", editable=False, max_length=17)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("city", "City"),
                            ("district", "District or county"),
                            ("town_unit", "Town or subdistrict"),
                            ("community", "Community or village"),
                            ("grid", "Grid"),
                            ("micro_grid", "Micro grid"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("city", "City"),
                            ("district", "District"),
                            ("county", "County"),
                            ("county_city", "County-level city"),
                            ("subdistrict", "Subdistrict"),
                            ("town", "Town"),
                            ("township", "Township"),
                            ("enterprise_town", "Unit of government and enterprise in one"),
                            ("community", "Community"),
                            ("village", "Village"),
                            ("committee_like", "Unit like a committee"),
                            ("basic", "Basic grid"),
                            ("rural", "Rural grid"),
                            ("dedicated", "Dedicated grid"),
                            ("micro", "Micro grid"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                ("active", models.BooleanField(default=True)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("external_codes", models.JSONField(blank=True, default=list)),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_column="parent_code",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="GridBorder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("geometry", models.JSONField()),
                ("crs", models.CharField(default="CGCS2000", editable=False, max_length=20)),
                ("west", models.FloatField()),
                ("south", models.FloatField()),
                ("east", models.FloatField()),
                ("north", models.FloatField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "area",
                    models.ForeignKey(
                        db_column="area_code",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="borders",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "ordering": ["area", "version"],
            },
        ),
        migrations.CreateModel(
            name="GridDetail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("active", "In use"), ("retired", "Retired")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("households_count", models.PositiveIntegerField(default=0)),
                ("area_m2", models.PositiveIntegerField(blank=True, null=True)),
                ("supervision_phone", models.CharField(blank=True, max_length=30)),
                (
                    "area",
                    models.OneToOneField(
                        db_column="area_code",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grid",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GridSuccession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_date", models.DateField()),
                (
                    "predecessor",
                    models.ForeignKey(
                        db_column="predecessor_code",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="succeeded_by",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        db_column="successor_code",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follows",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlaceName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("estate", "Housing estate"),
                            ("building", "Building"),
                            ("road", "Road"),
                            ("school", "School"),
                            ("landmark", "Landmark"),
                            ("unit", "Agency or enterprise"),
                        ],
                        max_length=10,
                    ),
                ),
                ("lon", models.FloatField(blank=True, null=True)),
                ("lat", models.FloatField(blank=True, null=True)),
                ("active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "area",
                    models.ForeignKey(
                        db_column="area_code",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="territory.area",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "ordering": ["area", "name"],
            },
        ),
        migrations.CreateModel(
            name="TerritoryRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("stamp", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_territory_revision")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="area",
            index=models.Index(fields=["parent", "code"], name="area_children"),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.UniqueConstraint(fields=("code",), name="one_area_a_code"),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code__regex", "^[0-9]{4}00$"), ("level", "city")),
                    models.Q(("code__regex", "^[0-9]{6}(?<!00)$"), ("level", "district")),
                    models.Q(("code__regex", "^[0-9]{6}(?!000)[0-5][0-9]{2}$"), ("level", "town_unit")),
                    models.Q(("code__regex", "^[0-9]{9}(?!000)[0-5][0-9]{2}$"), ("level", "community")),
                    models.Q(("code__regex", "^[0-9]{12}(?!000|800)[0-9]{3}$"), ("level", "grid")),
                    models.Q(("code__regex", "^[0-9]{15}(?!00)[0-9]{2}$"), ("level", "micro_grid")),
                    _connector="OR",
                ),
                name="area_code_fits_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", "city"), ("prefix", django.db.models.functions.text.Left("code", 4))),
                    models.Q(models.Q(("level", "city"), _negated=True), ("prefix", models.F("code"))),
                    _connector="OR",
                ),
                name="area_prefix_fits_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", "city"), ("parent", None)),
                    models.Q(("level", "district"), ("parent", None)),
                    models.Q(
                        ("level", "district"),
                        (
                            "parent",
                            django.db.models.functions.text.Concat(
                                django.db.models.functions.text.Left("code", 4), models.Value("00")
                            ),
                        ),
                    ),
                    models.Q(
                        ("level", "town_unit"),
                        ("parent", django.db.models.functions.text.Left("code", 6)),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("level", "community"),
                        ("parent", django.db.models.functions.text.Left("code", 9)),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("level", "grid"),
                        ("parent", django.db.models.functions.text.Left("code", 12)),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("level", "micro_grid"),
                        ("parent", django.db.models.functions.text.Left("code", 15)),
                        ("parent__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="area_parent_fits_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", "grid"), _negated=True),
                    models.Q(("code__regex", "^[0-9]{12}[0-7]"), ("kind__in", ["basic", "rural"])),
                    models.Q(("code__regex", "^[0-9]{12}[89]"), ("kind", "dedicated")),
                    _connector="OR",
                ),
                name="grid_kind_fits_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                ),
                name="area_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridborder",
            constraint=models.UniqueConstraint(fields=("area", "version"), name="one_border_a_version"),
        ),
        migrations.AddConstraint(
            model_name="gridborder",
            constraint=models.CheckConstraint(
                condition=models.Q(("crs", "CGCS2000")), name="border_in_cgcs2000"
            ),
        ),
        migrations.AddConstraint(
            model_name="gridborder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("east__lte", 180),
                    ("north__lte", 90),
                    ("south__gte", -90),
                    ("west__gte", -180),
                    ("south__lt", models.F("north")),
                    ("west__lt", models.F("east")),
                ),
                name="border_box_on_earth",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridborder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                ),
                name="border_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridborder",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("area", "="),
                    (
                        models.Func(
                            "valid_from",
                            "valid_to",
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="one_border_a_day",
            ),
        ),
        migrations.AddIndex(
            model_name="gridsuccession",
            index=models.Index(fields=["successor"], name="succession_successor"),
        ),
        migrations.AddConstraint(
            model_name="gridsuccession",
            constraint=models.UniqueConstraint(
                fields=("predecessor", "successor"), name="one_succession_a_pair"
            ),
        ),
        migrations.AddConstraint(
            model_name="gridsuccession",
            constraint=models.CheckConstraint(
                condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                name="no_grid_succeeds_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.UniqueConstraint(fields=("area", "name"), name="one_place_a_name_and_area"),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat", None), ("lon", None)),
                    models.Q(
                        ("lat__gte", -90),
                        ("lat__isnull", False),
                        ("lat__lte", 90),
                        ("lon__gte", -180),
                        ("lon__isnull", False),
                        ("lon__lte", 180),
                    ),
                    _connector="OR",
                ),
                name="place_point_on_earth",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
