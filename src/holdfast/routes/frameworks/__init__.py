"""What a route is in each web framework: one file a framework, the same vocabulary (routing.py)."""
