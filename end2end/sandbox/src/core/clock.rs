//! The sandbox's own time: the machine's clock plus an offset that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// The only clock in the sandbox.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The current instant, in whole milliseconds.
    #[expect(clippy::disallowed_methods, reason = "the one place where the sandbox, a program of its own, reads the machine's clock")]
    pub(crate) fn now(&self) -> Timestamp {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        at(machine.saturating_add(self.offset_ms.load(Ordering::SeqCst)))
    }

    /// Moves the clock by `seconds`; negative goes back. Gives the whole offset in seconds.
    pub(crate) fn advance(&self, seconds: i64) -> i64 {
        let by = seconds.saturating_mul(1000);
        self.offset_ms.fetch_add(by, Ordering::SeqCst).saturating_add(by) / 1000
    }

    /// Back to the machine's time.
    pub(crate) fn reset(&self) {
        self.offset_ms.store(0, Ordering::SeqCst);
    }
}

/// The instant of `ms` Unix milliseconds, held within what a timestamp can say.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `instant` moved by `seconds`, held within what a timestamp can say.
pub(crate) fn plus(instant: Timestamp, seconds: i64) -> Timestamp {
    at(instant.as_millisecond().saturating_add(seconds.saturating_mul(1000)))
}
