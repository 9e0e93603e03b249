"""The commands of `holdfast`, one a module of the same name: `arguments` says what it takes, `run` does it."""
