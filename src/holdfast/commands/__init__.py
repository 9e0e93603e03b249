"""The commands of `holdfast`. A command is a module of the same name with `add_arguments` and `run`."""
