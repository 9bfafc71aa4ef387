"""POC among the peers: an adapter for their driver, and an office grown from their records."""
