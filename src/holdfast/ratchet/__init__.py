"""Other tools' findings (ruff, bandit, mypy), held against the baseline like Holdfast's own."""
