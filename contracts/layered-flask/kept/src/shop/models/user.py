"""Tables."""


class User:
    pass
