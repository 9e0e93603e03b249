"""Adapters that run the rules in other programs and report findings in each program's own way. They contain no checks."""
