"""A call centre's world in virtual time: callers, phones and people around the real router, all from one seed."""
