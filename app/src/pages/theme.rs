//! `POST /theme`: light, dark or as the system says.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;

use crate::{
    components::Theme,
    server::{AppState, Form, PageError, cookies, see_other},
};

/// The switch in the footer.
pub fn routes() -> Router<AppState> {
    Router::new().route("/theme", post(choose))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    theme: String,
    #[serde(default)]
    next: String,
}

async fn choose(State(app): State<AppState>, Form(choice, _): Form<Choice>) -> Result<Response, PageError> {
    let theme = Theme::parse(&choice.theme).ok_or_else(|| PageError::Unprocessable("There is no theme of that name.".to_owned()))?;
    Ok((cookies::set(cookies::theme(theme, app.config.public_url.is_https())), see_other(&choice.next)).into_response())
}
