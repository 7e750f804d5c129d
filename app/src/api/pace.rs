//! How many requests a person's programs or an address may send, told with every answer (draft-ietf-httpapi-ratelimit-headers).

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use wellmet::{
    limits::{Allowance, REQUEST_WINDOW, Requester},
    model::UserId,
};

use super::{caller::MaybeCaller, codes::Code, problem::Problem};
use crate::server::{AppState, Client};

/// What is asked before anyone is known: counted by address whatever comes with it, so that nobody guesses passwords on an account's count.
const BY_ADDRESS: [&str; 2] = ["/auth/login", "/auth/register"];

/// Counts the request: by the owner of its token, or by its address when none came or a bad one.
pub async fn counted(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(Client(client)) = Client::from_request_parts(&mut parts, &app).await;
    let owner = if BY_ADDRESS.contains(&parts.uri.path()) { None } else { owner(&mut parts, &app).await };
    let allowance = match &owner {
        Some(id) => app.requests.count(Requester::User(id.as_str())),
        None => app.requests.count(Requester::Address(&client.address_key().unwrap_or_default())),
    };
    let Some(allowance) = allowance else { return next.run(Request::from_parts(parts, body)).await };
    let mut response = if allowance.refused { refusal(&allowance) } else { next.run(Request::from_parts(parts, body)).await };
    let seconds = whole_seconds(&allowance);
    let (policy, left) = (allowance.policy, allowance.left);
    let headers = [
        ("ratelimit-policy", format!("\"{policy}\";q={};w={}", allowance.limit, REQUEST_WINDOW.as_secs())),
        ("ratelimit", format!("\"{policy}\";r={left};t={seconds}")),
    ];
    for (name, text) in headers {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Whose token came.
async fn owner(parts: &mut Parts, app: &AppState) -> Option<UserId> {
    // Whoever is known is remembered with the request, also when they may not do what they ask; everything else is told by the endpoint.
    drop(MaybeCaller::from_request_parts(parts, app).await);
    let MaybeCaller(caller) = parts.extensions.get()?;
    caller.as_ref().map(|caller| caller.identity.id())
}

/// Until the next window, never too few.
const fn whole_seconds(allowance: &Allowance) -> u64 {
    allowance.rest.as_secs() + (allowance.rest.subsec_nanos() > 0) as u64
}

fn refusal(allowance: &Allowance) -> Response {
    let words = format!("Too many requests: {} in a minute are let through for one {}.", allowance.limit, allowance.policy);
    let mut response = Problem::new(Code::TooManyRequests, words).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(allowance)));
    response
}
