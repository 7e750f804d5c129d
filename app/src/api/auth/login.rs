//! `POST /auth/login`: a token for an address and a password.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{
    accounts::{IssuedToken, LOGIN_TOKEN_LASTS, MAX_PASSWORD, SignInError},
    model::FieldErrors,
};

use crate::{
    api::{
        codes::Code,
        problem::{Problem, ProblemBody},
        refusals::{Always, WithBody},
        sent::Sent,
        text,
    },
    server::{AppState, Client, PageError},
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The address they registered with, in either case.
    #[schema(max_length = 254, example = "jonas@example.com")]
    email: String,
    /// Their password.
    #[schema(max_length = 200, format = Password, example = "correct horse battery")]
    password: String,
}

/// A token, good for an hour. It is sent as `Authorization: Bearer <access_token>`, and shown here only.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginToken {
    /// The token: `wm_` and letters that say nothing.
    #[schema(example = "wm_6vL2pXoYwq8zB1nKt4RhJ7cMd0sEgUaTfVi3WxQkZb5")]
    pub(super) access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    pub(super) token_type: &'static str,
    /// For how many seconds it works from now on.
    #[schema(example = 3600, minimum = 1)]
    pub(super) expires_in: u64,
}

impl LoginToken {
    /// What was issued just now.
    pub(super) fn of(issued: &IssuedToken) -> Self {
        Self { access_token: issued.expose(), token_type: "bearer", expires_in: LOGIN_TOKEN_LASTS.as_secs() }
    }
}

/// Sign in
///
/// Gives a token that works for an hour. Wrong passwords are counted by account and by address, as on the site.
#[utoipa::path(
    post,
    path = "/auth/login",
    operation_id = "login",
    tag = "auth",
    request_body = Login,
    responses(
        (status = 200, description = "A token.", body = LoginToken),
        (status = 401, description = "`wrong_credentials`: the address or the password is wrong.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithBody
    )
)]
pub(super) async fn post(State(app): State<AppState>, Client(from): Client, Sent(sent): Sent<Login>) -> Result<Json<LoginToken>, Problem> {
    let mut errors = FieldErrors::new();
    text::fits(&mut errors, "email", &sent.email, 254);
    text::fits(&mut errors, "password", &sent.password, MAX_PASSWORD);
    errors.or(())?;
    let (_, issued) = app.accounts.log_in(&sent.email, &sent.password, &from).await?;
    Ok(Json(LoginToken::of(&issued)))
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::new(Code::WrongCredentials, "The address or the password is wrong."),
            SignInError::TooMany { retry_after } => PageError::TooMany { retry_after }.into(),
            SignInError::Internal(error) => error.into(),
        }
    }
}
