"""
While the program is loaded, it makes a quarter of a million objects that stay. The garbage collector would look through them
again and again, and twice more at the end of the process: half of the time that a short command takes.
"""

import gc


def pause() -> None:
    """Let nobody collect garbage from here on."""
    gc.disable()


def resume() -> None:
    """Keep what has been loaded to the end of the process, and collect what is made from here on."""
    gc.freeze()
    gc.enable()
