"""Topics -> complete, verified files, handed to sinks."""
