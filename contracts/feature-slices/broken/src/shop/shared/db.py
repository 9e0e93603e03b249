"""The database, which mails."""

from shop.shared import mail

USED = [mail]
