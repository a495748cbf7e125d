"""Services that move chunks between folders and Kafka. Each has ``run(stop, ready)``."""
