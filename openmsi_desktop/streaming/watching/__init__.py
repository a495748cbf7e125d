"""What lies in a folder, what changes, and when a file is finished."""
