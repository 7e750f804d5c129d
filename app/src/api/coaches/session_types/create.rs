//! `POST /coaches/me/session-types`: a new one.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use super::sent::NewSessionType;
use crate::{
    api::{
        caller::CallingCoach,
        coaches::shapes::SessionTypeShape,
        idempotency::Once,
        problem::{Problem, ProblemBody},
        refusals::{Always, WithBody, WithToken},
        sent::Sent,
    },
    server::AppState,
};

/// Make a session type
///
/// For coaches. Clients can book it at once, unless `active` is false.
#[utoipa::path(
    post,
    path = "/coaches/me/session-types",
    operation_id = "create_session_type",
    tag = "coaches",
    security(("token" = [])),
    request_body = NewSessionType,
    responses(
        (
            status = 201,
            description = "The session type.",
            body = SessionTypeShape,
            headers(("Location" = String, description = "Its address.")),
            links(
                ("my_session_type" = (operation_id = "my_session_type", parameters(("id" = "$response.body#/id")))),
                ("change_session_type" = (operation_id = "change_session_type", parameters(("id" = "$response.body#/id")))),
                ("archive_session_type" = (operation_id = "archive_session_type", parameters(("id" = "$response.body#/id"))))
            )
        ),
        (status = 409, description = "`conflict`: there are 40 already, which is all that fit.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithToken, WithBody
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    once: Once,
    Sent(sent): Sent<NewSessionType>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<SessionTypeShape>), Problem> {
    let made = app.coaches.make_session_type(&coach, once.id(), sent.draft()?).await?;
    let location = format!("/api/coaches/me/session-types/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(SessionTypeShape::own(&made))))
}
