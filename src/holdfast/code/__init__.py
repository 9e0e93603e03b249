"""Understand Python code: one file (source, syntax, scopes, values, types) and its project (modules, definitions)."""
