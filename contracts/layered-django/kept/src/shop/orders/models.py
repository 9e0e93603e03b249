"""Orders."""

from django.db import models


class Order(models.Model):
    open = models.BooleanField(default=True)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE)
