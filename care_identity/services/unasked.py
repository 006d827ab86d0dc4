"""What comes to the pages of Care Identity without having been asked for: counted in the log, and never stored.

Any page elsewhere can have a browser send it, by an image say, and any program as often as it likes.
"""

from __future__ import annotations

import logging

from accounts.counted_log import CountedLog


def new_count() -> CountedLog:
    """Return a count that has counted nothing yet. Its words are the codes of refusals."""
    return CountedLog(logging.getLogger("esr_portal.care_identity"), message="not asked for", field="reason")


COUNT = new_count()
