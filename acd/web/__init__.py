"""The one server for agents' sockets, pages and metrics: clients in, events out. It decides nothing."""
