"""The blocks of the dialogs for tasks: which files, when a file is finished, where from and to, and what is rarely changed."""
