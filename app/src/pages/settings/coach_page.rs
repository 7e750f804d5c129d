//! A coach's public page, changed.

use axum::response::Response;
use serde::Deserialize;
use wellmet::coaches::{ProfileDraft, ProfileError};

use super::show::{Sent, Tab, render};
use crate::server::{Form, PageContext, PageError, SignedInCoach, see_other};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoachPage {
    #[serde(default)]
    slug: String,
    #[serde(default)]
    headline: String,
    #[serde(default)]
    bio: String,
    #[serde(default)]
    languages: String,
    #[serde(default)]
    topics: String,
    #[serde(default)]
    listed: bool,
}

pub(super) async fn update(
    SignedInCoach(coach, identity): SignedInCoach,
    context: PageContext,
    Form(given, form): Form<CoachPage>,
) -> Result<Response, PageError> {
    let words = |text: &str| text.split([',', ';', '\n']).map(str::to_owned).collect();
    let draft = ProfileDraft {
        languages: words(&given.languages),
        topics: words(&given.topics),
        slug: given.slug,
        headline: given.headline,
        bio: given.bio,
        listed: given.listed,
    };
    match context.app.coaches.update_profile(&coach, draft).await {
        Ok(_) => Ok(see_other("/dashboard/settings?tab=profile&done=profile")),
        Err(ProfileError::Invalid(errors)) => {
            let sent = Sent { page: Some(form.failed(errors)), ..Sent::default() };
            render(&context, &identity, Tab::Profile, sent).await
        }
        Err(ProfileError::Internal(error)) => Err(error.into()),
    }
}
