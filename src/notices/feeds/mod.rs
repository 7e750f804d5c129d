//! A person's sessions in the calendar program of their choice: one as a file, or all as a feed that the program reads again and again.
//!
//! A feed's address is a secret: whoever has it may read the sessions, without signing in. It is shown once and stored hashed; a new
//! one ends the old one.

mod text;

use crate::{
    Deps,
    accounts::Actor,
    bookings,
    error::Internal,
    limits::{Limit, LimitError, Limits},
    model::{BookingId, Instant, UserId},
    store::sql,
    time::{Secret, hash_secret},
};

/// Sessions stay in a feed for so long after they ended or were called off, in minutes: 30 days.
const KEPT_MINUTES: i64 = 30 * 24 * 60;
/// When a feed was last read is noted this exactly, in minutes.
const NOTED_MINUTES: i64 = 1;

/// Calendars of people's own sessions. Cheap to clone.
#[derive(Clone)]
pub struct Feeds {
    deps: Deps,
    limits: Limits,
    /// The site's address, without a slash at its end.
    site: String,
}

/// Someone's feed, as its owner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedStatus {
    /// When its address was made.
    pub created_at: Instant,
    /// When a program last read it, to the minute.
    pub last_read_at: Option<Instant>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarText {
    /// iCalendar text.
    pub text: String,
    /// Another text has another one.
    pub tag: String,
}

impl Feeds {
    /// On `deps`, with the attempts that `limits` counts, for the site at `site` (`https://booking.example.org`).
    pub fn new(deps: Deps, limits: Limits, site: &str) -> Self {
        Self { deps, limits, site: site.trim_end_matches('/').to_owned() }
    }

    /// The feed of `person`; `None` when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn status(&self, person: impl Into<Actor>) -> Result<Option<FeedStatus>, Internal> {
        let row = sql("SELECT created_at, last_read_at FROM calendar_feeds WHERE user_id = $1").bind(person.into().id());
        let Some(row) = row.optional(&self.deps.store).await? else { return Ok(None) };
        Ok(Some(FeedStatus { created_at: row.get("created_at")?, last_read_at: row.get("last_read_at")? }))
    }

    /// Makes a feed of `person`'s sessions, or a new address for it: the old one leads nowhere from now on. The secret is its
    /// address, to be shown once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, person: impl Into<Actor>) -> Result<Secret, Internal> {
        let secret = self.deps.ids.secret();
        let mut tx = self.deps.store.begin().await?;
        let write = sql("INSERT INTO calendar_feeds (user_id, secret_hash, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET secret_hash = $2, created_at = $3, last_read_at = NULL");
        write.bind(person.into().id()).bind(secret.hash()).bind(self.deps.clock.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Ends the feed of `person`. Without one nothing happens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_off(&self, person: impl Into<Actor>) -> Result<(), Internal> {
        let mut tx = self.deps.store.begin().await?;
        sql("DELETE FROM calendar_feeds WHERE user_id = $1").bind(person.into().id()).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// The feed of `secret`, read from an address whose key is `from`. `None` when there is none (any more), or its owner's account is
    /// not active.
    ///
    /// # Errors
    /// `TooMany` when too many feeds are read from there.
    pub async fn read(&self, secret: &Secret, from: Option<&str>) -> Result<Option<CalendarText>, LimitError> {
        if let Some(from) = from {
            self.limits.check(Limit::FeedsPerAddress, from).await?;
        }
        let found = sql("SELECT f.user_id, f.last_read_at FROM calendar_feeds f JOIN users u ON u.id = f.user_id
             WHERE f.secret_hash = $1 AND u.active = 1");
        let Some(row) = found.bind(secret.hash()).optional(&self.deps.store).await? else { return Ok(None) };
        let (person, last): (UserId, Option<Instant>) = (row.get("user_id")?, row.get("last_read_at")?);
        let now = self.deps.clock.now();
        let exported = bookings::exported(&self.deps.store, person, now.plus_minutes(-KEPT_MINUTES)).await?;
        if last.is_none_or(|last| last <= now.plus_minutes(-NOTED_MINUTES)) {
            let mut tx = self.deps.store.begin().await?;
            let note = sql("UPDATE calendar_feeds SET last_read_at = $2 WHERE secret_hash = $1");
            note.bind(secret.hash()).bind(now).run(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(Some(tagged(text::feed_text(&exported, person, &self.site))))
    }

    /// One booking as a calendar file, for its two parties; `None` for anyone else.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn one(&self, person: impl Into<Actor>, booking: BookingId) -> Result<Option<CalendarText>, Internal> {
        let person = person.into().id();
        let found = bookings::exported_one(&self.deps.store, booking).await?;
        let own = found.filter(|one| [one.booking.client_id, one.booking.coach_id].contains(&person));
        Ok(own.map(|one| tagged(text::single_text(&one, person, &self.site))))
    }
}

fn tagged(text: String) -> CalendarText {
    let mut tag = hash_secret(&text);
    tag.truncate(22);
    CalendarText { text, tag }
}
