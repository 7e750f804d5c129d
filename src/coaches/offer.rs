//! What a coach offers, as deciding code needs it: one consistent picture per revision.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::sync::Cache;

use super::{search::fold, slug::is_slug};
use crate::{
    integrations::standing::CalendarTrust,
    model::{
        Currency, Hours, Instant, Place, PlaceKind, Price, RefundPolicy, Reminders, SessionRules, SessionTypeDraft, SessionTypeId, UserId,
    },
    store::{Row, Store, StoreError, Target, Tx, sql, sql_for},
    time::Zone,
};

/// A session type of a coach, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionType {
    /// Its id, for life.
    pub id: SessionTypeId,
    /// Its path segment, unique for the coach.
    pub slug: String,
    /// What mentees read first.
    pub name: String,
    /// A paragraph or two, plain text; may be empty.
    pub description: String,
    /// When it is on offer.
    pub rules: SessionRules,
    /// What it costs.
    pub price: Price,
    /// Whether each request waits for the coach.
    pub approval_required: bool,
    /// Where it takes place.
    pub place: Place,
    /// Whether it can be booked now.
    pub active: bool,
    /// When both people are reminded of it.
    pub reminders: Reminders,
    /// What goes back when it does not take place, where it is paid here.
    pub refund: RefundPolicy,
}

impl SessionType {
    /// What the coach wrote of it.
    pub fn draft(&self) -> SessionTypeDraft {
        SessionTypeDraft {
            name: self.name.clone(),
            description: self.description.clone(),
            rules: self.rules,
            price: self.price,
            approval_required: self.approval_required,
            place: self.place.clone(),
            active: self.active,
            reminders: self.reminders.clone(),
            refund: self.refund,
        }
    }
}

/// A coach with hours and session types, at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachOffer {
    /// The coach.
    pub coach_id: UserId,
    /// The coach's path segment.
    pub slug: String,
    /// The coach's name.
    pub name: String,
    /// Whether the account is active: an inactive coach does not exist for others.
    pub active: bool,
    /// The coach's zone.
    pub zone: Zone,
    /// The coach's hours.
    pub hours: Hours,
    /// The session types that are not archived, oldest first; inactive ones included.
    pub session_types: Vec<SessionType>,
    /// Rises with every change to anything above.
    pub revision: i64,
}

impl CoachOffer {
    /// The session type `id`, active or not.
    pub fn session_type(&self, id: SessionTypeId) -> Option<&SessionType> {
        self.session_types.iter().find(|kind| kind.id == id)
    }

    /// The active session type with this slug.
    pub fn active_type(&self, slug: &str) -> Option<&SessionType> {
        self.session_types.iter().find(|kind| kind.active && kind.slug == slug)
    }
}

/// How far a coach's time is known: which picture of what is taken is the latest, and what the calendars are worth.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeMark {
    /// Rises with every change to what is taken.
    pub(crate) revision: i64,
    /// What is known of the calendars.
    pub(crate) trust: CalendarTrust,
}

impl TimeMark {
    /// From the columns of `coaches`.
    pub(crate) fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { revision: row.get("claims_revision")?, trust: CalendarTrust::of_row(row)? })
    }
}

/// Loads offers, and keeps the last one of each coach for as long as its revision stands.
#[derive(Clone)]
pub struct Offers {
    store: Store,
    known: Cache<UserId, Arc<CoachOffer>>,
}

impl Offers {
    /// Over `store`, keeping up to a thousand coaches.
    pub fn new(store: Store) -> Self {
        Self { store, known: Cache::builder().max_capacity(1000).time_to_idle(Duration::from_mins(10)).build() }
    }

    /// The offer of the active coach with this slug.
    ///
    /// # Errors
    /// What the database says.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Arc<CoachOffer>>, StoreError> {
        if !is_slug(slug) {
            return Ok(None);
        }
        let row = sql("SELECT c.user_id, c.revision FROM coaches c JOIN users u ON u.id = c.user_id WHERE c.slug = $1 AND u.active = 1")
            .bind(slug)
            .optional(&self.store)
            .await?;
        match row {
            Some(row) => self.at(&self.store, row.get("user_id")?, row.get("revision")?).await,
            None => Ok(None),
        }
    }

    /// The offer of a coach, active or not.
    ///
    /// # Errors
    /// What the database says.
    pub async fn by_id(&self, coach: UserId) -> Result<Option<Arc<CoachOffer>>, StoreError> {
        match sql("SELECT revision FROM coaches WHERE user_id = $1").bind(coach).optional(&self.store).await? {
            Some(row) => self.at(&self.store, coach, row.get("revision")?).await,
            None => Ok(None),
        }
    }

    /// The offer of a coach, active or not, and how far their time is known, with one small statement as long as the offer is remembered.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn now_of(&self, coach: UserId) -> Result<Option<(Arc<CoachOffer>, TimeMark)>, StoreError> {
        let marks = sql("SELECT revision, claims_revision, calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes
             FROM coaches WHERE user_id = $1");
        let Some(row) = marks.bind(coach).optional(&self.store).await? else { return Ok(None) };
        let mark = TimeMark::of_row(&row)?;
        Ok(self.at(&self.store, coach, row.get("revision")?).await?.map(|offer| (offer, mark)))
    }

    /// The offers of `coaches` and how far each one's time is known, with one statement as long as they are
    /// remembered. Who is not a coach is left out.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn all_of(&self, coaches: &[UserId]) -> Result<HashMap<UserId, (Arc<CoachOffer>, TimeMark)>, StoreError> {
        let ids: Vec<&str> = coaches.iter().map(UserId::as_str).collect();
        let revisions = sql_for(
            "SELECT user_id, revision, claims_revision, calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes
             FROM coaches WHERE user_id IN (SELECT value FROM json_each($1))",
            "SELECT user_id, revision, claims_revision, calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes
             FROM coaches WHERE user_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
        );
        let mut offers = HashMap::with_capacity(coaches.len());
        for row in revisions.bind(serde_json::json!(ids).to_string()).all(&self.store).await? {
            let coach = row.get("user_id")?;
            if let Some(offer) = self.at(&self.store, coach, row.get("revision")?).await? {
                offers.insert(coach, (offer, TimeMark::of_row(&row)?));
            }
        }
        Ok(offers)
    }

    /// Locks the coach for the rest of the transaction, so that whoever decides about this coach's time decides
    /// alone, and loads the offer as it stands. `None` when there is no such coach.
    ///
    /// To be called before the transaction changes anything: what is read here is remembered, and must not be
    /// something that a rollback takes back.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lock(&self, tx: &mut Tx, coach: UserId) -> Result<Option<Arc<CoachOffer>>, StoreError> {
        let locked = sql_for(
            // On SQLite the transaction itself is the lock: it began with BEGIN IMMEDIATE.
            "SELECT revision FROM coaches WHERE user_id = $1",
            "SELECT revision FROM coaches WHERE user_id = $1 FOR UPDATE",
        );
        match locked.bind(coach).optional(&mut *tx).await? {
            Some(row) => self.at(tx, coach, row.get("revision")?).await,
            None => Ok(None),
        }
    }

    /// As [`Offers::lock`], and notes that the coach's claims change: for who decides about the coach's time. A
    /// transaction that changes nothing after all is not committed, so that nobody reads claims again in vain.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn lock_claims(&self, tx: &mut Tx, coach: UserId) -> Result<Option<(Arc<CoachOffer>, CalendarTrust)>, StoreError> {
        let locked = sql("UPDATE coaches SET claims_revision = claims_revision + 1 WHERE user_id = $1
             RETURNING revision, calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes");
        let Some(row) = locked.bind(coach).optional(&mut *tx).await? else { return Ok(None) };
        let trust = CalendarTrust::of_row(&row)?;
        Ok(self.at(tx, coach, row.get("revision")?).await?.map(|offer| (offer, trust)))
    }

    /// Notes, in the transaction of a change, that what this coach offers has changed. A transaction that writes the
    /// coach's row of `users` too calls this first: everyone locks the coach before the user, so nobody waits in a
    /// circle. Does nothing for who is not a coach.
    ///
    /// # Errors
    /// What the database says.
    pub async fn touch(tx: &mut Tx, coach: UserId, now: Instant) -> Result<(), StoreError> {
        let touched = sql("UPDATE coaches SET revision = revision + 1, updated_at = $2 WHERE user_id = $1");
        touched.bind(coach).bind(now).run(tx).await.map(drop)
    }

    /// As [`Offers::touch`], for a change of the name: the directory orders and finds this coach by `name` from now
    /// on. The name itself is the account's, and written by the caller.
    ///
    /// # Errors
    /// What the database says.
    pub async fn touch_name(tx: &mut Tx, coach: UserId, name: &str, now: Instant) -> Result<(), StoreError> {
        let renamed = sql("UPDATE coaches SET name_key = $2 WHERE user_id = $1");
        renamed.bind(coach).bind(fold(name)).run(&mut *tx).await?;
        Self::touch(tx, coach, now).await
    }

    /// The offer at `revision`, from memory or from `on`. The revision was read before the rest, so a change in
    /// between can only make the picture newer than its number, and the next look loads it again.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn at<'a>(
        &self,
        on: impl Into<Target<'a>>,
        coach: UserId,
        revision: i64,
    ) -> Result<Option<Arc<CoachOffer>>, StoreError> {
        if let Some(offer) = self.known.get(&coach).filter(|offer| offer.revision == revision) {
            return Ok(Some(offer));
        }
        let mut target = on.into();
        let Some(mut offer) = load_coach(target.reborrow(), coach, revision).await? else { return Ok(None) };
        offer.session_types = load_types(target.reborrow(), coach).await?;
        let offer = Arc::new(offer);
        self.known.insert(coach, offer.clone());
        Ok(Some(offer))
    }
}

async fn load_coach(on: Target<'_>, coach: UserId, revision: i64) -> Result<Option<CoachOffer>, StoreError> {
    let row =
        sql("SELECT c.slug, c.hours, u.name, u.active, u.time_zone FROM coaches c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1");
    let Some(row) = row.bind(coach).optional(on).await? else { return Ok(None) };
    Ok(Some(CoachOffer {
        coach_id: coach,
        slug: row.get("slug")?,
        name: row.get("name")?,
        active: row.get("active")?,
        zone: row.parse("time_zone", Zone::parse)?,
        hours: row.parse("hours", |json| serde_json::from_str(json).ok())?,
        session_types: Vec::new(),
        revision,
    }))
}

/// The session types of `coach` that are not archived, oldest first.
pub(super) async fn load_types(on: Target<'_>, coach: UserId) -> Result<Vec<SessionType>, StoreError> {
    let rows = sql("SELECT * FROM session_types WHERE coach_id = $1 AND archived_at IS NULL ORDER BY id").bind(coach).all(on).await?;
    rows.iter().map(session_type_of).collect()
}

/// A session type from its row.
pub(super) fn session_type_of(row: &Row) -> Result<SessionType, StoreError> {
    Ok(SessionType {
        id: row.get("id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        description: row.get("description")?,
        rules: SessionRules {
            duration_minutes: row.get("duration_minutes")?,
            step_minutes: row.get("step_minutes")?,
            buffer_before_minutes: row.get("buffer_before_minutes")?,
            buffer_after_minutes: row.get("buffer_after_minutes")?,
            notice_minutes: row.get("notice_minutes")?,
            horizon_days: row.get("horizon_days")?,
            daily_cap: row.get("daily_cap")?,
            weekly_cap: row.get("weekly_cap")?,
        },
        price: price_of(row)?,
        approval_required: row.get("approval_required")?,
        place: Place { kind: row.parse("place_kind", PlaceKind::parse)?, value: row.get("place_value")? },
        active: row.get("active")?,
        reminders: row.parse("reminders", Reminders::parse)?,
        refund: refund_of(row)?,
    })
}

/// The rules about money that was paid, from the row of a session type or a booking.
pub(crate) fn refund_of(row: &Row) -> Result<RefundPolicy, StoreError> {
    Ok(RefundPolicy { late_refund_percent: row.get("late_refund_percent")?, no_show_percent: row.get("no_show_percent")? })
}

/// The price of a session type from its row.
pub(super) fn price_of(row: &Row) -> Result<Price, StoreError> {
    Ok(Price { minor: row.get("price_minor")?, currency: row.parse("currency", Currency::parse)? })
}
