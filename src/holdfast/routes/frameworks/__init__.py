"""How each web framework declares routes: one file for each framework, all with the vocabulary of routing.py."""
