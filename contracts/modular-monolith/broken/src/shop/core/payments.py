"""The only place that talks to the payment provider."""

import stripe


def charge(amount):
    return stripe.Charge.create(amount=amount)
