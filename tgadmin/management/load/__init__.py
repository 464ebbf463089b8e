"""What `manage.py load` does: many people at once, while the archive works."""
