"""Install what the lock files name, into this folder, and build what is built. `make` runs it first.

Needs a Python and nothing else: it brings its own uv. What is up to date is left alone, so a second run takes no time.
This file runs on any Python 3, to be able to say which one is needed; what it does is in installing/.

    python3 bootstrap.py run     what the portal and its demo need
    python3 bootstrap.py check   also what the linters and the benchmark need
    python3 bootstrap.py test    also a browser, and the servers that tests run on where this machine may have them
    python3 bootstrap.py mutants also what changes the code to see whether a test notices
    python3 bootstrap.py lock    nothing: says whether uv.lock is what pyproject.toml asks for
    python3 bootstrap.py fetch FOLDER
                                 fills a folder, from which `run` installs without network where OFFLINE_FOLDER names it

--this-python: .venv is made with the Python that runs this, even where the system has a faster one.
"""

import sys

OLDEST = (3, 11)


def main() -> None:
    """Say that this Python is too old, or go on with one that is not."""
    if sys.version_info[:2] < OLDEST:
        this = ".".join(str(number) for number in sys.version_info[:3]) + " (" + str(sys.executable) + ")"
        sys.exit(
            "\nThe portal needs Python 3.11 or newer; this one is " + this + ".\n"
            "On Debian 12 and Ubuntu 24.04 or later, as root: apt-get install python3\n"
            "Where a newer one is installed already, name it: make run PYTHON=/usr/bin/python3\n"
        )
    from installing.command_line import main as install

    install(help_text=str(__doc__))


if __name__ == "__main__":
    main()
