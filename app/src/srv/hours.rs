//! The hours editor's answers.

use leptos::prelude::*;

use crate::dto::{AppError, HoursEdited};

/// What the hours editor shows after a button was pressed or a time was typed: `form` is the form as a browser
/// would send it. For the signed-in coach; nothing is stored.
///
/// # Errors
/// `Forbidden` for anyone but a coach.
#[server(endpoint = "hours_preview")]
pub async fn hours_preview(
    /// The form, as a browser would send it.
    form: String,
) -> Result<HoursEdited, AppError> {
    let app = super::server::app()?;
    let coach = super::server::identity()?.coach().ok_or(AppError::Forbidden)?;
    let values: Vec<(String, String)> = serde_html_form::from_str(&form).map_err(|_| AppError::Transport)?;
    Ok(crate::pages::availability::edited(&app, &coach, &values).await?)
}
