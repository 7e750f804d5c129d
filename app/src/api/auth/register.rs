//! `POST /auth/register`: a new account.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{
    accounts::{JoinError, RegisterError, Registration},
    model::{FieldErrors, Role},
};

use super::{login::LoginToken, me::User};
use crate::{
    api::{
        codes::Code,
        problem::{Problem, ProblemBody},
        refusals::{Always, WithBody},
        sent::Sent,
        shapes::ZoneName,
        text,
    },
    server::{AppState, Client, PageError},
};

/// Who joins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// A mail address, to sign in with. In either case it is the same account.
    #[schema(max_length = 254, format = Email, example = "jonas@example.com")]
    email: String,
    /// A new password, 10 to 200 characters.
    #[schema(min_length = 10, max_length = 200, format = Password, example = "correct horse battery")]
    password: String,
    /// How others see them: one line. Spaces around it are dropped.
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Jonas Weber"
    )]
    name: String,
    /// Whether they book or are booked. It stays.
    #[schema(example = "client")]
    role: JoiningRole,
    /// Their zone. A coach's hours are on this clock.
    #[schema(value_type = ZoneName)]
    time_zone: String,
}

/// What someone may join as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum JoiningRole {
    /// Who books.
    Client,
    /// Who is booked. A coach gets a page, ordinary hours and a first session type with the account.
    Coach,
}

/// The new account, signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    /// The token: `wm_` and letters that say nothing. It is shown here only.
    #[schema(example = "wm_6vL2pXoYwq8zB1nKt4RhJ7cMd0sEgUaTfVi3WxQkZb5")]
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// For how many seconds it works from now on.
    #[schema(example = 3600, minimum = 1)]
    expires_in: u64,
    /// The account.
    user: User,
}

/// Make an account
///
/// The answer has a token, as signing in gives. Registrations are counted by address.
#[utoipa::path(
    post,
    path = "/auth/register",
    operation_id = "register",
    tag = "auth",
    request_body = Register,
    responses(
        (status = 201, description = "The account and a token.", body = Registered),
        (status = 409, description = "`conflict`: the address has an account.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithBody
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    Client(from): Client,
    Sent(sent): Sent<Register>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    let mut errors = FieldErrors::new();
    text::line(&mut errors, "name", &sent.name, 80);
    errors.or(())?;
    let Register { email, password, name, role, time_zone } = sent;
    let role = if role == JoiningRole::Coach { Role::Coach } else { Role::Mentee };
    let wish = Registration { email, password, name, role, time_zone };
    let (identity, issued) = app.accounts.register_over_api(wish, &from).await?;
    let LoginToken { access_token, token_type, expires_in } = LoginToken::of(&issued);
    Ok((StatusCode::CREATED, Json(Registered { access_token, token_type, expires_in, user: User::of(&identity) })))
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Taken => Self::new(Code::Conflict, "An account cannot be made with this address. If it is yours, sign in instead."),
            JoinError::Register(RegisterError::Invalid(errors)) => errors.into(),
            JoinError::Register(RegisterError::TooMany { retry_after }) => PageError::TooMany { retry_after }.into(),
            JoinError::Register(RegisterError::Internal(error)) => error.into(),
        }
    }
}
