use super::{
    CoachProfile, Coaches, ProfileDraft,
    profile::profile_of,
    search::{fold, searchable},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{FieldErrors, UserId},
    store::{StoreError, Tx, sql},
};

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// What was typed cannot stand: `slug`, `headline`, `bio`, `languages`, `topics`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for ProfileError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Coaches {
    /// Replaces the coach's profile and gives it back as it is now.
    ///
    /// # Errors
    /// `Invalid` names each field that is wrong; a slug that another coach has is an error of `slug`.
    pub async fn update_profile(&self, coach: &CoachActor, draft: ProfileDraft) -> Result<CoachProfile, ProfileError> {
        let draft = draft.checked()?;
        let (mut tx, _) = self.begin(coach).await?;
        match write(&mut tx, coach.id(), &draft).await {
            Err(error) if error.is_unique("slug") => {
                return Err(FieldErrors::one("slug", "This address is taken. Choose another.").into());
            }
            written => written?,
        }
        let profile = profile_of((&mut tx).into(), coach.id()).await?;
        self.commit(tx, coach).await?;
        Ok(profile)
    }
}

async fn write(tx: &mut Tx, coach: UserId, draft: &ProfileDraft) -> Result<(), StoreError> {
    sql("UPDATE coaches SET slug = $2, headline = $3, bio = $4, listed = $5, search = $6 WHERE user_id = $1")
        .bind(coach)
        .bind(&draft.slug)
        .bind(&draft.headline)
        .bind(&draft.bio)
        .bind(draft.listed)
        .bind(searchable(draft))
        .run(tx)
        .await?;
    sql("DELETE FROM coach_words WHERE coach_id = $1").bind(coach).run(tx).await?;
    write_words(tx, coach, "language", &draft.languages).await?;
    write_words(tx, coach, "topic", &draft.topics).await
}

async fn write_words(tx: &mut Tx, coach: UserId, kind: &str, words: &[String]) -> Result<(), StoreError> {
    for (position, word) in (0_i64..).zip(words) {
        sql("INSERT INTO coach_words (coach_id, kind, word, word_key, position) VALUES ($1, $2, $3, $4, $5)")
            .bind(coach)
            .bind(kind)
            .bind(word)
            .bind(fold(word))
            .bind(position)
            .run(tx)
            .await?;
    }
    Ok(())
}
