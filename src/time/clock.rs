use std::{
    sync::{Arc, atomic::AtomicI64, atomic::Ordering::SeqCst},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::model::Instant;

/// Tells what time it is. The only way to learn it.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn now(&self) -> Instant {
        // Before 1970 the machine has no idea what time it is; the epoch itself is as good an answer as any.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told otherwise, for tests. Clones share the hands.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at `at`.
    pub fn at(at: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(at.millis())))
    }

    /// Stands at `at` from now on.
    pub fn set(&self, at: Instant) {
        self.0.store(at.millis(), SeqCst);
    }

    /// Moves on by `by`.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(SeqCst))
    }
}
