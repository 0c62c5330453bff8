"""Is the simulator right? Published results, and ours from the production core beside them (`make validate`)."""
