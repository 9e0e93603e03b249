"""Orders."""

from django.db import models


class Order(models.Model):
    open = models.BooleanField(default=True)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE)
    item = models.ForeignKey("stock.Item", on_delete=models.CASCADE)  # expect: references

    def close(self):
        from shop.orders import services  # expect: layered

        services.close_all()
