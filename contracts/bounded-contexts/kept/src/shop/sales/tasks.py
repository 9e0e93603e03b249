"""Insides of sales."""


def settle():
    pass
