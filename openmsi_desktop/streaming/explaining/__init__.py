"""Why a file is where it is: everything that the journal, the rules and the disk say about one path, as plain data.

The command line prints it, the window draws it; the facts come from here only.
"""
