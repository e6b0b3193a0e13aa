"""Jobs on a server: the client, the tracker and the local service."""
