//! Who looks at a page learns that something has changed, on whichever server it changed.
//!
//! Nothing is sent from server to server. Each asks the database about once a second, in one statement, for the [`Mark`]s of what somebody
//! is looking at right now, and wakes those whose mark is another one. A mark says that something changed and not what: whoever
//! is woken asks again for what they may see.

mod mark;
mod seats;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

pub use mark::{Mark, Topic};
use seats::Seats;

use crate::{Deps, error::Internal};

/// How live pages are served.
#[derive(Debug, Clone, Copy)]
pub struct LiveSettings {
    /// How often the database is asked while somebody looks.
    pub look_every: Duration,
    /// How many may look at once, on this server.
    pub most: usize,
    /// How many of them from one address.
    pub each: usize,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self { look_every: Duration::from_secs(1), most: 2000, each: 50 }
    }
}

/// Why someone is not told of changes. The page works as it is.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// There is no such coach or person.
    #[error("nothing to look at")]
    NotFound,
    /// Too many look from this address.
    #[error("too many from one address")]
    TooManyHere,
    /// Too many look at all, or the server is stopping.
    #[error("no place left")]
    Full,
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// The live pages of this server. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    inner: Arc<Inner>,
}

struct Inner {
    deps: Deps,
    settings: LiveSettings,
    seats: Arc<Seats>,
    watched: Mutex<Watched>,
    /// True once the server stops.
    closed: watch::Sender<bool>,
}

#[derive(Default)]
struct Watched {
    topics: HashMap<Topic, watch::Sender<Option<Mark>>>,
    /// Whether a task asks the database for them.
    asking: bool,
}

/// Someone who looks. Dropped, they do not any more.
pub struct Looking {
    marks: watch::Receiver<Option<Mark>>,
    closed: watch::Receiver<bool>,
    last: Mark,
    _seat: seats::Seat,
}

impl Live {
    /// On the database of `deps`, as `settings` say.
    pub fn new(deps: Deps, settings: LiveSettings) -> Self {
        let seats = Arc::new(Seats::new(settings.most, settings.each));
        let inner = Inner { deps, settings, seats, watched: Mutex::default(), closed: watch::Sender::new(false) };
        Self { inner: Arc::new(inner) }
    }

    /// How `topic` stands: to be read before what a page shows of it, and handed to [`Live::look`] by whoever has that page. `None` when
    /// there is no such coach or person.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mark(&self, topic: Topic) -> Result<Option<Mark>, Internal> {
        Ok(mark::read(&self.inner.deps, &[topic]).await?.remove(&topic))
    }

    /// Begins to look at `topic`, from an address whose key is `from`.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn look(&self, topic: Topic, from: &str) -> Result<Looking, LiveError> {
        if *self.inner.closed.borrow() {
            return Err(LiveError::Full);
        }
        let seat = self.inner.seats.take(from)?;
        let mut marks = self.marks_of(topic);
        // What was found out before is older than what is read now.
        marks.mark_unchanged();
        let closed = self.inner.closed.subscribe();
        let last = self.mark(topic).await?.ok_or(LiveError::NotFound)?;
        Ok(Looking { marks, closed, last, _seat: seat })
    }

    /// Ends every look, now and from now on: the server stops.
    pub fn close(&self) {
        self.inner.closed.send_replace(true);
    }

    /// How many look.
    pub fn looking(&self) -> usize {
        self.inner.seats.taken()
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // Nothing in here panics half way.
        self.inner.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receiver of the marks of `topic`, which somebody asks for from now on.
    fn marks_of(&self, topic: Topic) -> watch::Receiver<Option<Mark>> {
        let mut watched = self.watched();
        let marks = watched.topics.entry(topic).or_default().subscribe();
        if !watched.asking {
            watched.asking = true;
            tokio::spawn(self.clone().ask());
        }
        marks
    }

    /// Asks for what is watched until nothing is.
    async fn ask(self) {
        loop {
            tokio::time::sleep(self.inner.settings.look_every).await;
            let topics: Vec<Topic> = {
                let mut watched = self.watched();
                watched.topics.retain(|_, marks| marks.receiver_count() > 0);
                if watched.topics.is_empty() || *self.inner.closed.borrow() {
                    watched.asking = false;
                    return;
                }
                watched.topics.keys().copied().collect()
            };
            match mark::read(&self.inner.deps, &topics).await {
                Ok(read) => self.tell(read),
                // Whoever looks sees what they saw; the next round asks again.
                Err(error) => tracing::warn!(target: "live", %error, "could not look for changes"),
            }
        }
    }

    fn tell(&self, read: HashMap<Topic, Mark>) {
        let watched = self.watched();
        for (topic, mark) in read {
            if let Some(marks) = watched.topics.get(&topic) {
                marks.send_if_modified(|known| {
                    let changed = known.as_ref() != Some(&mark);
                    *known = Some(mark);
                    changed
                });
            }
        }
    }
}

impl Looking {
    /// How it stood when it was last said.
    pub const fn last(&self) -> &Mark {
        &self.last
    }

    /// Waits for a change and gives the mark after it. `None`: the server stops.
    pub async fn changed(&mut self) -> Option<Mark> {
        loop {
            if *self.closed.borrow() {
                return None;
            }
            tokio::select! {
                closed = self.closed.changed() => { closed.ok()?; }
                changed = self.marks.changed() => {
                    changed.ok()?;
                    let mark = self.marks.borrow_and_update().clone();
                    if let Some(mark) = mark.filter(|mark| *mark != self.last) {
                        self.last = mark.clone();
                        return Some(mark);
                    }
                }
            }
        }
    }
}
