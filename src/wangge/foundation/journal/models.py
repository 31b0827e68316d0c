"""Lines, the heads they hang from, the wake-ups they leave, and the checkpoints that seal them."""

from __future__ import annotations

from django.db import models

from wangge.foundation.journal.actors import Actor, Subject


class Head(models.Model):
    """The end of one subject's chain. Locked by every append, so `seq` has no gaps and no doubles."""

    subject_kind = models.CharField(max_length=40, db_collation="C")
    subject_id = models.CharField(max_length=80, db_collation="C")
    seq = models.IntegerField()
    hash = models.BinaryField()
    sealed_seq = models.IntegerField(default=0)

    class Meta:
        # No index on seq or sealed_seq: every append moves seq, and unindexed columns move cheaply.
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="one_head_a_subject")
        ]


class Line(models.Model):
    """One act on one subject. Never changed, never removed; the columns repeat what `canonical` says."""

    append_only = True

    subject_kind = models.CharField(max_length=40, db_collation="C")
    subject_id = models.CharField(max_length=80, db_collation="C")
    seq = models.IntegerField()
    act = models.CharField(max_length=60, db_collation="C")
    actor_kind = models.CharField(max_length=20, db_collation="C")
    actor_id = models.CharField(max_length=60, db_collation="C")
    actor_label = models.CharField(max_length=120, blank=True)
    post_kind = models.CharField(max_length=20, blank=True, db_collation="C")
    post_id = models.CharField(max_length=60, blank=True, db_collation="C")
    post_label = models.CharField(max_length=120, blank=True)
    facts = models.JSONField()
    at = models.DateTimeField()
    canonical = models.BinaryField()
    algorithm = models.CharField(max_length=10)
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "seq"], name="one_line_a_seq"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="line_seq_from_one"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_kind, self.subject_id)

    @property
    def by(self) -> Actor:
        return Actor(
            self.actor_kind, self.actor_id, self.actor_label, self.post_kind, self.post_id, self.post_label
        )

    def __str__(self) -> str:
        return f"{self.subject_kind}/{self.subject_id}#{self.seq} {self.act}"


class Wakeup(models.Model):
    """A line that the worker has not yet answered. Deleted in the transaction that answers it."""

    line = models.ForeignKey(Line, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    not_before = models.DateTimeField(db_index=True)
    attempts = models.SmallIntegerField(default=0)
    failure = models.CharField(max_length=120, blank=True)


class Checkpoint(models.Model):
    """A seal over every head that moved since the one before, chained to it."""

    append_only = True

    number = models.IntegerField(unique=True)
    at = models.DateTimeField()
    head_count = models.BigIntegerField()
    sealed_count = models.BigIntegerField()
    heads_digest = models.BinaryField()
    algorithm = models.CharField(max_length=10)
    previous_hash = models.BinaryField()
    hash = models.BinaryField()


class SealedHead(models.Model):
    """Where one subject's chain stood when a checkpoint sealed it."""

    append_only = True

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="sealed_heads")
    subject_kind = models.CharField(max_length=40, db_collation="C")
    subject_id = models.CharField(max_length=80, db_collation="C")
    seq = models.IntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "checkpoint"], name="one_seal_a_checkpoint"
            )
        ]
