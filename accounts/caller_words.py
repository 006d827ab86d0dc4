"""Words that the agent and the caller both see, so that each can tell that the other has the same check before them.

Two syllables, common, and none that sounds like another: they are said over a bad telephone line.
"""

from __future__ import annotations

WORDS = (
    *("acorn", "amber", "anchor", "apple", "badger", "basket", "beacon", "butter", "button", "candle", "carpet"),
    *("castle", "cherry", "cinnamon", "copper", "cottage", "daisy", "dolphin", "donkey", "feather", "ferry"),
    *("garden", "ginger", "guitar", "hammer", "harbour", "hazel", "honey", "island", "jacket", "jigsaw", "kettle"),
    *("ladder", "lantern", "lemon", "lobster", "magnet", "maple", "marble", "meadow", "mirror", "monkey", "mustard"),
    *("napkin", "orchard", "otter", "paddle", "pebble", "pencil", "pepper", "piano", "pocket", "pumpkin", "rabbit"),
    *("river", "saddle", "silver", "sparrow", "teapot", "tiger", "tulip", "velvet", "walnut", "window"),
)
