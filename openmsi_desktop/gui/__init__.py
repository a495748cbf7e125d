"""The window and the tray icon. The only package that knows Qt; everything it shows comes from the journal.

app.py         the program with a window: one instance, start, shutdown
host.py        who streams: an engine in this process (services in QThreads), or another process of the same user
snapshot.py    what all tasks are doing, read from the journal on a thread of its own
status.py      the nine states of the icon, and the sentence for each; knows no widgets
look.py        colours, palette, fonts, icons
kinds/         one module for each kind of task: how it is called, drawn, added and edited
window/        the main window and its pages
dialogs/       everything that opens beside it
"""
