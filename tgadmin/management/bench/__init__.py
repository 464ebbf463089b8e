"""What `manage.py bench` measures: each row beside its limit, in the same run, interleaved."""
