"""What of a folder would be sent and what not, before anything is: by the engine's own rules, while somebody changes them.

::

    inventory.Inventory   looks through the folder once, on a thread of its own
    judging.judge         what the rules say about it, again at every change
    preview.Preview       both on threads, results in batches
    model, view           as a list that can be filtered, and whose rows change the rules (wishes)
"""
