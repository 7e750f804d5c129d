//! Where Stripe tells what happened: `POST /webhooks/stripe`. Not part of the REST API: nobody but Stripe can ask it anything.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use wellmet::payments::HookError;

use crate::server::{AppState, PageError};

/// The route.
pub fn routes() -> Router<AppState> {
    Router::new().route("/webhooks/stripe", post(receive))
}

/// The body is taken as it came: the signature is over its bytes. The answer is quick, what follows is a job.
async fn receive(State(app): State<AppState>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, PageError> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    match app.payments.receive(signature, &body).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(HookError::Off) => Err(PageError::NotFound),
        Err(error @ (HookError::Unsigned(_) | HookError::Unreadable)) => {
            tracing::warn!(target: "payments", %error, "a webhook was not believed");
            Err(PageError::Malformed("This is no webhook that is signed by Stripe.".to_owned()))
        }
        Err(HookError::Internal(error)) => Err(error.into()),
    }
}
