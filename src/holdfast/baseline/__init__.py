"""The baseline: findings that a team has accepted for now, and whose number may only decrease."""
