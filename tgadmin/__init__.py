"""The project: settings, addresses, health and the commands that stand above the apps."""
