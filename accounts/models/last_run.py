"""When what is to be run regularly was run last."""

from django.db import models


class Job(models.TextChoices):
    """What is run from outside, by a timer or an operator. English: operators alone read it."""

    TIDY_UP = "tidy_up", "manage.py tidy_up"
    VERIFY_EVENTS = "verify_events", "manage.py verify_events"


class LastRun(models.Model):
    """When a job ended last, and when it last ended without a failure."""

    job = models.CharField(max_length=20, choices=Job, primary_key=True)
    ended_at = models.DateTimeField()
    went_well_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(job__in=Job.values), name="last_run_is_of_a_job")]

    def __str__(self) -> str:
        return f"{self.get_job_display()} {self.ended_at}"
