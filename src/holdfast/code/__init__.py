"""One Python file understood: its source, syntax, scopes, values, definitions and types; the project around it."""
