"""A repository that knows its callers."""

from shop.blueprints.users import bp  # expect: layered

NAME = bp.name
