"""A run: configuration, selection of rules, checks, exemptions, fixes, and the report."""
