//! A coach's public page.

use super::{Coaches, SessionType, no_profile, offer::load_types, slug::is_slug};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::UserId,
    store::{Row, StoreError, Target, sql},
    time::Zone,
};

/// What a coach shows. All text is plain text, exactly as typed: it is escaped where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachProfile {
    /// The coach.
    pub id: UserId,
    /// The coach's path segment.
    pub slug: String,
    /// The coach's name.
    pub name: String,
    /// One line; may be empty.
    pub headline: String,
    /// A few paragraphs; may be empty.
    pub bio: String,
    /// The languages the coach works in, in the coach's order.
    pub languages: Vec<String>,
    /// What the coach helps with, in the coach's order.
    pub topics: Vec<String>,
    /// The coach's zone.
    pub zone: Zone,
    /// Whether the directory shows this coach. Who has the link sees the profile either way.
    pub listed: bool,
    /// What can be booked now, oldest first.
    pub session_types: Vec<SessionType>,
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT c.user_id, c.slug, c.headline, c.bio, c.listed, u.name, u.time_zone ",
            "FROM coaches c JOIN users u ON u.id = c.user_id WHERE ",
            $where
        )
    };
}

impl Coaches {
    /// The profile of the active coach with this slug. `None` for anything else, a deactivated coach included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn profile(&self, slug: &str) -> Result<Option<CoachProfile>, Internal> {
        if !is_slug(slug) {
            return Ok(None);
        }
        let row = sql(select!("c.slug = $1 AND u.active = 1")).bind(slug).optional(&self.deps.store).await?;
        match row {
            Some(row) => Ok(Some(complete((&self.deps.store).into(), &row).await?)),
            None => Ok(None),
        }
    }

    /// The profile of the active coach with this id. `None` for anyone else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn profile_by_id(&self, id: UserId) -> Result<Option<CoachProfile>, Internal> {
        let row = sql(select!("c.user_id = $1 AND u.active = 1")).bind(id).optional(&self.deps.store).await?;
        match row {
            Some(row) => Ok(Some(complete((&self.deps.store).into(), &row).await?)),
            None => Ok(None),
        }
    }

    /// The coach's own profile, with the session types that mentees see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_profile(&self, coach: &CoachActor) -> Result<CoachProfile, Internal> {
        profile_of((&self.deps.store).into(), coach.id()).await
    }
}

/// The profile of `coach`, active or not.
pub(super) async fn profile_of(mut on: Target<'_>, coach: UserId) -> Result<CoachProfile, Internal> {
    let row = sql(select!("c.user_id = $1")).bind(coach).optional(on.reborrow()).await?;
    Ok(complete(on, &row.ok_or_else(no_profile)?).await?)
}

async fn complete(mut on: Target<'_>, row: &Row) -> Result<CoachProfile, StoreError> {
    let id = row.get("user_id")?;
    let words = sql("SELECT kind, word FROM coach_words WHERE coach_id = $1 ORDER BY position");
    let (mut languages, mut topics) = (Vec::new(), Vec::new());
    for word in words.bind(id).all(on.reborrow()).await? {
        let kind = if word.get::<String>("kind")? == "topic" { &mut topics } else { &mut languages };
        kind.push(word.get("word")?);
    }
    let mut session_types = load_types(on, id).await?;
    session_types.retain(|kind| kind.active);
    Ok(CoachProfile {
        id,
        slug: row.get("slug")?,
        name: row.get("name")?,
        headline: row.get("headline")?,
        bio: row.get("bio")?,
        languages,
        topics,
        zone: row.parse("time_zone", Zone::parse)?,
        listed: row.get("listed")?,
        session_types,
    })
}
