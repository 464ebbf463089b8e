"""`manage.py bench --scale 1m|10m`: what people wait for, in an archive of that size."""
