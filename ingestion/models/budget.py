"""What an account may ask of Telegram: what was learned of each kind of request."""

from django.db import models

from ingestion.models.accounts import Account


class AccountBudget(models.Model):
    """One kind of request of one account. Written by the holder of its lease alone."""

    workspace_path = "account__workspace"

    account = models.ForeignKey(Account, models.CASCADE, related_name="budgets")
    #: Of `AccountRequests.Kind`.
    kind = models.CharField(max_length=10)
    #: Requests a second, as learned; null: nothing was learned, nothing is held back.
    rate = models.FloatField(null=True)
    #: The lowest rate that Telegram refused of late.
    refused = models.FloatField(null=True)
    #: All of `budget.rate.Rate`.
    learned = models.JSONField(default=dict)
    #: Somebody works with it, and may have sent more since it was written.
    is_open = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="budget_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"
