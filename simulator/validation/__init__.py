"""Is the simulator right? Results that others published, and ours from the production core beside them (`make validate`)."""
