//! Which slots there are, and why a time is not one. Pure: no I/O, no clock.
