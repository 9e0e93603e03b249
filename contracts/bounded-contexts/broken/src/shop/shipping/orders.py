"""Ships, and meddles with sales."""

from celery import current_app

from shop.sales.tasks import settle  # expect: boundaries


def ship():
    settle()
    current_app.send_task("shop.sales.tasks.settle")  # expect: references
