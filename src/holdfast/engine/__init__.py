"""The run: configuration, selection, exemptions, cache, fixes, and the report."""
