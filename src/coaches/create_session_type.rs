use std::collections::HashSet;

use super::{
    Coaches, MAX_SESSION_TYPES, SessionType, SessionTypeError,
    search::fold,
    session_types::{bind_draft, made_of},
};
use crate::{
    accounts::CoachActor,
    model::{FieldErrors, SessionTypeDraft, UserId, slugify},
    store::{StoreError, Tx, sql},
};

impl Coaches {
    /// Makes a session type. Its slug comes from its name and stays when the name changes, so links stay good.
    ///
    /// # Errors
    /// `Invalid` names each field that is wrong; a 41st session type is an error of `name`.
    pub async fn create_session_type(&self, coach: &CoachActor, draft: SessionTypeDraft) -> Result<SessionType, SessionTypeError> {
        let draft = draft.checked()?;
        let (mut tx, offer) = self.begin(coach).await?;
        if offer.session_types.len() >= MAX_SESSION_TYPES {
            let message = format!("You have {MAX_SESSION_TYPES} session types, which is all that fit. Archive one first.");
            return Err(FieldErrors::one("name", message).into());
        }
        let now = self.deps.clock.now();
        let slug = free_slug(&draft.name, &slugs(&mut tx, coach.id()).await?);
        let made = made_of(self.deps.ids.id(now), slug, draft.clone());
        let insert = sql("INSERT INTO session_types (id, coach_id, slug, created_at, updated_at,
                name, description, duration_minutes, step_minutes, buffer_before_minutes, buffer_after_minutes,
                notice_minutes, horizon_days, daily_cap, weekly_cap, price_minor, currency, approval_required,
                place_kind, place_value, active)
            VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)");
        bind_draft(insert.bind(made.id).bind(coach.id()).bind(&made.slug).bind(now), &draft).run(&mut tx).await?;
        self.commit(tx, coach).await?;
        Ok(made)
    }
}

/// Every slug a session type of `coach` ever had: an archived one keeps its own, as old links name it.
async fn slugs(tx: &mut Tx, coach: UserId) -> Result<HashSet<String>, StoreError> {
    let rows = sql("SELECT slug FROM session_types WHERE coach_id = $1").bind(coach).all(tx).await?;
    rows.iter().map(|row| row.get("slug")).collect()
}

/// The slug of `name`, with a number when it is taken.
fn free_slug(name: &str, taken: &HashSet<String>) -> String {
    // `slugify` says "coach" when it can read nothing; a session type is not one.
    let plain = match slugify(name) {
        slug if slug == "coach" && !fold(name).contains("coach") => "session".to_owned(),
        slug => slug,
    };
    let numbered = (2_u64..).map(|number| {
        let suffix = format!("-{number}");
        format!("{}{suffix}", plain[..plain.len().min(60 - suffix.len())].trim_end_matches('-'))
    });
    let mut candidates = std::iter::once(plain.clone()).chain(numbered);
    candidates.find(|slug| !taken.contains(slug)).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_numbered_when_taken_and_never_too_long() {
        let long = "a".repeat(80);
        let taken = ["intro-call", "intro-call-2", &"a".repeat(60)].map(str::to_owned).into();
        assert_eq!(free_slug("Intro call!", &taken), "intro-call-3");
        assert_eq!(free_slug(&long, &taken), format!("{}-2", "a".repeat(58)));
        assert_eq!(free_slug("渡辺", &taken), "session");
        assert_eq!(free_slug("Coach", &taken), "coach");
    }
}
