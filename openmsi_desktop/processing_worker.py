"""Started by its path with any Python: the process in which somebody's class works. See processing_loop.py.

Written so that even a Python that is far too old can read it and say so. Works without this program being installed for that
Python: the package is imported from the folder this file lies in, and nothing else of ours can be imported there.
"""

import os
import sys

if sys.version_info < (3, 9):  # noqa: UP036 - the one place that is read by older ones
    sys.exit("This is Python %d.%d; a class needs Python 3.9 or newer" % sys.version_info[:2])  # noqa: UP031 - no f-strings there

_HERE = os.path.dirname(os.path.abspath(__file__))
# Python puts the folder of a script first: our modules would hide those of the class
sys.path[:] = [place for place in sys.path if os.path.abspath(place) != _HERE]
sys.path.insert(0, os.path.dirname(_HERE))
import openmsi_desktop.processing
import openmsi_desktop.processing_loop

# in sys.modules by now, so the class finds it; other packages beside ours are none of its business
del sys.path[0]

if __name__ == "__main__":  # not in the children of multiprocessing, which import this file too
    openmsi_desktop.processing_loop.main()
