"""Holdfast: small static checks that keep the invariants a team has agreed on."""
