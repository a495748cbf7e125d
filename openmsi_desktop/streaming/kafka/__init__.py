"""Kafka itself: producer, consumer, topics, and what their errors mean for people. The only home of confluent_kafka."""
