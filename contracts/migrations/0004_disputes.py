"""Disputes about held funds, with what both sides show and offer. Only adds: the previous release runs on it."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

RULES = """
CREATE FUNCTION contracts_dispute_of_frozen_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_hold
        WHERE id = NEW.hold_id AND frozen_at IS NOT NULL AND held_minor = NEW.held_minor AND currency = NEW.currency
    ) THEN
        RAISE EXCEPTION 'hold % is not frozen with what the dispute says', NEW.hold_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_dispute_of_frozen_hold BEFORE INSERT ON contracts_dispute
    FOR EACH ROW EXECUTE FUNCTION contracts_dispute_of_frozen_hold();

CREATE FUNCTION contracts_split_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM contracts_dispute
        WHERE id = NEW.dispute_id AND held_minor = NEW.to_freelancer_minor + NEW.to_client_minor
            AND currency = NEW.currency
    ) THEN
        RAISE EXCEPTION 'the parts are not what dispute % is about', NEW.dispute_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_offer_adds_up BEFORE INSERT OR UPDATE ON contracts_disputeoffer
    FOR EACH ROW EXECUTE FUNCTION contracts_split_adds_up();
CREATE TRIGGER contracts_decision_adds_up BEFORE INSERT OR UPDATE ON contracts_disputedecision
    FOR EACH ROW EXECUTE FUNCTION contracts_split_adds_up();

CREATE TRIGGER contracts_evidence_append_only BEFORE UPDATE OR DELETE ON contracts_disputeevidence
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER contracts_evidence_files_append_only BEFORE UPDATE OR DELETE ON contracts_disputeevidence_files
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
NO_RULES = """
DROP TRIGGER contracts_evidence_files_append_only ON contracts_disputeevidence_files;
DROP TRIGGER contracts_evidence_append_only ON contracts_disputeevidence;
DROP TRIGGER contracts_decision_adds_up ON contracts_disputedecision;
DROP TRIGGER contracts_offer_adds_up ON contracts_disputeoffer;
DROP FUNCTION contracts_split_adds_up();
DROP TRIGGER contracts_dispute_of_frozen_hold ON contracts_dispute;
DROP FUNCTION contracts_dispute_of_frozen_hold();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_audit_search_indexes"),
        ("contracts", "0003_hourly_work"),
        ("payments", "0006_money_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("milestone_before", models.CharField(blank=True, editable=False, max_length=20)),
                ("clock_left", models.DurationField(blank=True, editable=False, null=True)),
                (
                    "side",
                    models.CharField(
                        choices=[("client", "Client"), ("freelancer", "Freelancer")],
                        help_text="Of the opener.",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_as_agreed", "The work is not what was agreed"),
                            ("not_delivered", "The work was not delivered"),
                            ("late", "It came too late"),
                            ("more_work", "More is asked than was agreed"),
                            ("no_answer", "The other side does not answer"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("explanation", models.TextField(max_length=5000)),
                ("answer", models.TextField(blank=True, help_text="Of the other side.", max_length=5000)),
                ("held_minor", models.BigIntegerField()),
                ("claim_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("answered", "Counter-offer made"),
                            ("mediation", "In mediation"),
                            ("resolved", "Decided"),
                            ("settled", "Settled"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("answer_by", models.DateTimeField(blank=True, null=True)),
                ("mediation_by", models.DateTimeField(blank=True, null=True)),
                (
                    "warned_at",
                    models.DateTimeField(blank=True, editable=False, help_text="That the deadline is near.", null=True),
                ),
                ("to_freelancer_minor", models.BigIntegerField(blank=True, null=True)),
                ("to_client_minor", models.BigIntegerField(blank=True, null=True)),
                ("reasons", models.TextField(blank=True, help_text="Of the outcome; both sides read them.")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="contracts.contract"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="None: a rule.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="payments.hold"
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        help_text="None: another hold.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="contracts.milestone",
                    ),
                ),
                (
                    "opener",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes_opened",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to_freelancer_minor", models.BigIntegerField()),
                ("to_client_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reasons", models.TextField(max_length=5000)),
                ("needs_second", models.BooleanField()),
                ("refusal", models.TextField(blank=True, help_text="Why it was not confirmed.", max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="contracts.dispute"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="contracts.dispute"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisputeEvidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True, max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="contracts.dispute"
                    ),
                ),
                ("files", models.ManyToManyField(blank=True, related_name="dispute_evidence", to="accounts.upload")),
            ],
            options={
                "verbose_name_plural": "dispute evidence",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to_freelancer_minor", models.BigIntegerField()),
                ("to_client_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("note", models.TextField(blank=True, max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="contracts.dispute"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("answer_by__isnull", False)),
                fields=["answer_by"],
                name="contracts_dispute_answer_due",
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("mediation_by__isnull", False)),
                fields=["mediation_by"],
                name="contracts_dispute_decision_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["open", "answered", "mediation", "resolved", "settled", "withdrawn"])
                ),
                name="contracts_dispute_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["client", "freelancer"])), name="contracts_dispute_side_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["not_as_agreed", "not_delivered", "late", "more_work", "no_answer", "other"])
                ),
                name="contracts_dispute_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        [
                            "AED",
                            "AUD",
                            "BHD",
                            "BRL",
                            "CAD",
                            "CHF",
                            "CLP",
                            "COP",
                            "CZK",
                            "DKK",
                            "EGP",
                            "EUR",
                            "GBP",
                            "GHS",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "JOD",
                            "JPY",
                            "KES",
                            "KRW",
                            "KWD",
                            "MAD",
                            "MXN",
                            "NGN",
                            "NOK",
                            "NZD",
                            "OMR",
                            "PHP",
                            "PLN",
                            "RON",
                            "SEK",
                            "SGD",
                            "THB",
                            "TND",
                            "TRY",
                            "UAH",
                            "USD",
                            "VND",
                            "ZAR",
                        ],
                    )
                ),
                name="contracts_dispute_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("claim_minor__gt", 0), ("claim_minor__lte", models.F("held_minor"))),
                name="contracts_dispute_claim_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("open", "answered", "mediation"))),
                fields=("hold",),
                name="contracts_dispute_one_open_per_hold",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("open", "answered", "mediation"))),
                fields=("milestone",),
                name="contracts_dispute_one_open_per_milestone",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer_by__isnull", False), ("status__in", ("open", "answered"))),
                    models.Q(
                        models.Q(("status__in", ("open", "answered")), _negated=True), ("answer_by__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="contracts_dispute_answer_by_while_awaited",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mediation_by__isnull", False), ("status", "mediation")),
                    models.Q(models.Q(("status", "mediation"), _negated=True), ("mediation_by__isnull", True)),
                    _connector="OR",
                ),
                name="contracts_dispute_mediation_by_while_mediated",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", False),
                        ("status__in", ("resolved", "settled")),
                        ("to_client_minor__isnull", False),
                        ("to_freelancer_minor__isnull", False),
                    ),
                    models.Q(
                        models.Q(("status__in", ("resolved", "settled")), _negated=True),
                        ("decided_at__isnull", True),
                        ("to_client_minor__isnull", True),
                        ("to_freelancer_minor__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="contracts_dispute_outcome_when_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_freelancer_minor__isnull", True),
                    models.Q(
                        (
                            "held_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("to_freelancer_minor"), "+", models.F("to_client_minor")
                            ),
                        ),
                        ("to_client_minor__gte", 0),
                        ("to_freelancer_minor__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="contracts_dispute_outcome_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "resolved"), models.Q(("reasons", ""), _negated=True)),
                    models.Q(models.Q(("status", "resolved"), _negated=True), ("decided_by__isnull", True)),
                    _connector="OR",
                ),
                name="contracts_dispute_decided_with_reasons",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clock_left__isnull", False), ("milestone_before", "submitted")),
                    models.Q(models.Q(("milestone_before", "submitted"), _negated=True), ("clock_left__isnull", True)),
                    _connector="OR",
                ),
                name="contracts_dispute_clock_left_of_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_client_minor__gte", 0), ("to_freelancer_minor__gte", 0)),
                name="contracts_decision_parts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        [
                            "AED",
                            "AUD",
                            "BHD",
                            "BRL",
                            "CAD",
                            "CHF",
                            "CLP",
                            "COP",
                            "CZK",
                            "DKK",
                            "EGP",
                            "EUR",
                            "GBP",
                            "GHS",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "JOD",
                            "JPY",
                            "KES",
                            "KRW",
                            "KWD",
                            "MAD",
                            "MXN",
                            "NGN",
                            "NOK",
                            "NZD",
                            "OMR",
                            "PHP",
                            "PLN",
                            "RON",
                            "SEK",
                            "SGD",
                            "THB",
                            "TND",
                            "TRY",
                            "UAH",
                            "USD",
                            "VND",
                            "ZAR",
                        ],
                    )
                ),
                name="contracts_decision_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reasons", ""), _negated=True), name="contracts_decision_has_reasons"
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("refused_at__isnull", True), _connector="OR"),
                name="contracts_decision_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_at__isnull", True),
                    ("needs_second", False),
                    models.Q(("second__isnull", False), models.Q(("second", models.F("by")), _negated=True)),
                    _connector="OR",
                ),
                name="contracts_decision_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("refused_at__isnull", True)),
                fields=("dispute",),
                name="contracts_decision_one_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputedecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", False)),
                fields=("dispute",),
                name="contracts_decision_one_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_client_minor__gte", 0), ("to_freelancer_minor__gte", 0)),
                name="contracts_offer_parts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        [
                            "AED",
                            "AUD",
                            "BHD",
                            "BRL",
                            "CAD",
                            "CHF",
                            "CLP",
                            "COP",
                            "CZK",
                            "DKK",
                            "EGP",
                            "EUR",
                            "GBP",
                            "GHS",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "JOD",
                            "JPY",
                            "KES",
                            "KRW",
                            "KWD",
                            "MAD",
                            "MXN",
                            "NGN",
                            "NOK",
                            "NZD",
                            "OMR",
                            "PHP",
                            "PLN",
                            "RON",
                            "SEK",
                            "SGD",
                            "THB",
                            "TND",
                            "TRY",
                            "UAH",
                            "USD",
                            "VND",
                            "ZAR",
                        ],
                    )
                ),
                name="contracts_offer_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeoffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("dispute", "by"),
                name="contracts_offer_one_stands",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", False), _connector="OR"),
                name="contracts_offer_accepted_ends",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
