"""Shared by all."""


class Money:
    pass
