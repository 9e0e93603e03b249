"""What billing tells the others."""


class Paid:
    pass
