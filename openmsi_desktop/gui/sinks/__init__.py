"""Where a reader hands its files: buckets and processors. Their forms, tests and how they are saved."""
