"""OpenMSI Desktop: files from an instrument's PC, through Kafka, to wherever they are needed."""

__version__ = "0.1.0"
