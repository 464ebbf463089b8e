"""The project: settings, addresses, health and the commands that stand above the apps."""

__version__ = "0.1.0"
