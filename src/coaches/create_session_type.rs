use std::collections::HashSet;

use super::{
    Coaches, MAX_SESSION_TYPES, SessionType, SessionTypeError, create::insert_session_type, search::fold, session_types::made_of,
    slug::candidates,
};
use crate::{
    accounts::CoachActor,
    model::{SessionTypeDraft, SessionTypeId, UserId, slugify},
    store::{StoreError, Tx, sql},
};

impl Coaches {
    /// Makes a session type. Its slug comes from its name and stays when the name changes, so links stay good.
    ///
    /// # Errors
    /// `Invalid` names each field that is wrong; `Full` when there are [`MAX_SESSION_TYPES`].
    pub async fn create_session_type(&self, coach: &CoachActor, draft: SessionTypeDraft) -> Result<SessionType, SessionTypeError> {
        let id = self.deps.ids.id(self.deps.clock.now());
        self.make_session_type(coach, id, draft).await
    }

    /// As [`Coaches::create_session_type`], with this id, which is the key of idempotency: who comes again with it is told the one that was made
    /// then, whatever became of that.
    ///
    /// # Errors
    /// As [`Coaches::create_session_type`].
    pub async fn make_session_type(
        &self,
        coach: &CoachActor,
        id: SessionTypeId,
        draft: SessionTypeDraft,
    ) -> Result<SessionType, SessionTypeError> {
        let draft = draft.checked()?;
        let (mut tx, offer) = self.begin(coach).await?;
        // Before the places are counted: it may have taken the last one itself.
        if let Some(slug) = slug_of(&mut tx, coach.id(), id).await? {
            return Ok(made_of(id, slug, draft));
        }
        if offer.session_types.len() >= MAX_SESSION_TYPES {
            return Err(SessionTypeError::Full);
        }
        let now = self.deps.clock.now();
        let slug = free_slug(&draft.name, &slugs(&mut tx, coach.id()).await?);
        insert_session_type(&mut tx, id, now, coach.id(), &slug, &draft).await?;
        self.commit(tx, coach).await?;
        Ok(made_of(id, slug, draft))
    }
}

/// The slug of the session type of `coach` with this id, if it was made, archived or not.
async fn slug_of(tx: &mut Tx, coach: UserId, id: SessionTypeId) -> Result<Option<String>, StoreError> {
    let row = sql("SELECT slug FROM session_types WHERE id = $1 AND coach_id = $2").bind(id).bind(coach).optional(tx).await?;
    row.map(|row| row.get("slug")).transpose()
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
    let free = candidates(&plain).find(|slug| !taken.contains(slug));
    free.unwrap_or(plain)
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
