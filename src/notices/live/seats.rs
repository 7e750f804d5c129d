use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::LiveError;

/// Who looks from where, so that nobody takes all the places.
pub(super) struct Seats {
    most: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<String, usize>,
}

/// A place. Dropped, it is free again.
pub(super) struct Seat {
    seats: Arc<Seats>,
    from: String,
}

impl Seats {
    pub(super) fn new(most: usize, each: usize) -> Self {
        Self { most, each, taken: Mutex::default() }
    }

    /// A place for someone at the address `from`.
    pub(super) fn take(self: &Arc<Self>, from: &str) -> Result<Seat, LiveError> {
        let mut taken = self.lock();
        let here = taken.by_address.get(from).copied().unwrap_or(0);
        if here >= self.each {
            return Err(LiveError::TooManyHere);
        }
        if taken.all >= self.most {
            return Err(LiveError::Full);
        }
        taken.all += 1;
        taken.by_address.insert(from.to_owned(), here + 1);
        Ok(Seat { seats: self.clone(), from: from.to_owned() })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing in here panics half way.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        let here = taken.by_address.get(&self.from).copied().unwrap_or(0);
        if here <= 1 {
            taken.by_address.remove(&self.from);
        } else {
            taken.by_address.insert(self.from.clone(), here - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_by_address_and_in_all_and_come_free() {
        let seats = Arc::new(Seats::new(3, 2));
        let (one, two) = (seats.take("a").unwrap(), seats.take("a").unwrap());
        assert!(matches!(seats.take("a"), Err(LiveError::TooManyHere)));
        let three = seats.take("b").unwrap();
        assert!(matches!(seats.take("c"), Err(LiveError::Full)));
        drop(one);
        let four = seats.take("a").unwrap();
        assert_eq!(seats.taken(), 3);
        drop((two, three, four));
        assert_eq!(seats.taken(), 0);
        assert!(seats.lock().by_address.is_empty());
    }
}
