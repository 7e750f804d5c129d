//! All bookings of one person, in an order that no change disturbs.

use crate::{
    accounts::Actor,
    error::Internal,
    model::{BookingId, BookingStatus, UserId},
    store::{Statement, StoreError, sql},
};

use super::{
    Bookings,
    view::{Booking, booking_of, select_bookings},
};

/// Whose bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Those that this mentee made.
    Client(UserId),
    /// Those of this coach's time.
    Coach(UserId),
}

impl Party {
    const fn id(self) -> UserId {
        match self {
            Self::Client(id) | Self::Coach(id) => id,
        }
    }
}

/// A page of bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyPage {
    /// The bookings, made last first.
    pub bookings: Vec<Booking>,
    /// Hand this to the next call; `None` at the end.
    pub next: Option<BookingId>,
}

impl Bookings {
    /// The bookings of `party`, those alone that stand at `status` if one is named, at most `limit` (1 to 100): made last first, from the one
    /// after `after`. A booking never changes its place. `None` when `actor` is neither that person nor an admin.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of_party(
        &self,
        actor: Actor,
        party: Party,
        status: Option<BookingStatus>,
        after: Option<BookingId>,
        limit: u32,
    ) -> Result<Option<PartyPage>, Internal> {
        if !matches!(actor, Actor::Admin(_)) && actor.id() != party.id() {
            return Ok(None);
        }
        let limit = limit.clamp(1, 100);
        let page = of(party).bind(party.id()).bind(status.map(BookingStatus::as_str)).bind(after).bind(limit + 1);
        let rows = page.all(&self.deps.store).await?;
        let mut bookings = rows.iter().map(booking_of).collect::<Result<Vec<_>, StoreError>>()?;
        let more = bookings.len() > limit as usize;
        bookings.truncate(limit as usize);
        let next = bookings.last().filter(|_| more).map(|last| last.id);
        Ok(Some(PartyPage { bookings, next }))
    }

    /// Whether there is such a booking, whosever it is: for telling those who are signed in that it is not theirs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn exists(&self, id: BookingId) -> Result<bool, Internal> {
        Ok(sql("SELECT 1 AS one FROM bookings WHERE id = $1").bind(id).optional(&self.deps.store).await?.is_some())
    }
}

/// `$1` who, `$2` status or null, `$3` after or null, `$4` limit.
const fn of(party: Party) -> Statement {
    match party {
        Party::Client(_) => sql(select_bookings!(
            "WHERE b.client_id = $1 AND ($2 IS NULL OR b.status = $2) AND ($3 IS NULL OR b.id < $3) ORDER BY b.id DESC LIMIT $4"
        )),
        Party::Coach(_) => sql(select_bookings!(
            "WHERE b.coach_id = $1 AND ($2 IS NULL OR b.status = $2) AND ($3 IS NULL OR b.id < $3) ORDER BY b.id DESC LIMIT $4"
        )),
    }
}
