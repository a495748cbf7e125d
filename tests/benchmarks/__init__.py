"""Measurements on a real Kafka, next to OpenMSIStream and to a bare loop. They never fail on a figure."""
