"""Users listen to billing, which is fine by itself, but closes a circle."""

from shop.modules.billing.events import Paid  # expect: no_cycles

HEARD = [Paid]
