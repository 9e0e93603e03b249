"""Run ruff, bandit and mypy, and match their findings with the baseline like Holdfast's own."""
