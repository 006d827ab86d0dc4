"""Lets a process load the portal without looking for rubbish meanwhile, nor through what it has loaded afterwards.

Python's garbage collector finds next to none in modules, and going through them, as the process ends too, is a third of
what a short command costs.
"""

import gc


def begin() -> None:
    """For what starts a process, before it loads the portal: look for no rubbish until it is loaded."""
    gc.disable()


def end() -> None:
    """Leave out from now on what is loaded, which stays for as long as the process; look for rubbish again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
