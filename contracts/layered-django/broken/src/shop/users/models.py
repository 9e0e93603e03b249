"""Users."""

from django.db import models


class User(models.Model):
    pass
