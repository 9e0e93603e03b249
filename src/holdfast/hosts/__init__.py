"""Thin adapters that feed files to rules and report findings in their host's own way. A host never detects."""
