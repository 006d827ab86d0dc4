"""A week of operation in some minutes: real processes, whose clocks are set ahead from one hour to the next."""
