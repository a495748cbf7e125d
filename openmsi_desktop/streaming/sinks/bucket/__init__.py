"""S3 buckets: complete files become objects."""
