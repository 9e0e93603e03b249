"""The route model: which routes a web application has, and what limits and guards each of them."""
