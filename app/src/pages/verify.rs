//! `/verify/{secret}`: the page behind the link that proves an address. Looking at it changes nothing; its button does.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{LinkError, LinkPurpose, LinkState},
    time::Secret,
};

use crate::{
    components::{Icon, Picture},
    islands::SubmitGuard,
    server::{AppState, Client, Form, LocalPath, Page, PageContext, PageError, PathOf, SignedIn, page, see_other},
};

/// The link in the mail, and asking for another one.
pub fn routes() -> Router<AppState> {
    Router::new().route("/verify/{secret}", get(show).post(prove)).route("/settings/address-check", post(send_again))
}

/// Nothing is asked but the button itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    #[serde(default)]
    next: String,
}

async fn show(State(app): State<AppState>, context: PageContext, PathOf(secret): PathOf<String>) -> Result<Response, PageError> {
    let state = match Secret::from_untrusted(&secret) {
        Some(secret) => app.accounts.link(&secret, LinkPurpose::CheckAddress).await?,
        None => LinkState::Unknown,
    };
    Ok(answer(&context, state, secret))
}

async fn prove(
    State(app): State<AppState>,
    context: PageContext,
    PathOf(secret): PathOf<String>,
    Form(Pressed {}, _): Form<Pressed>,
) -> Result<Response, PageError> {
    let Some(proof) = Secret::from_untrusted(&secret) else { return Ok(answer(&context, LinkState::Unknown, secret)) };
    match app.accounts.prove_address(&proof).await? {
        // A double click confirms once, and both end here.
        LinkState::Works(_) => Ok(see_other(&format!("/verify/{secret}?done=address"))),
        LinkState::Used => Ok(see_other(&format!("/verify/{secret}"))),
        state => Ok(answer(&context, state, secret)),
    }
}

async fn send_again(
    State(app): State<AppState>,
    SignedIn(identity): SignedIn,
    Client(client): Client,
    Form(again, _): Form<Again>,
) -> Result<Response, PageError> {
    match app.accounts.send_check(&identity, &client).await {
        Ok(()) => {
            let next = LocalPath::parse(&again.next).map_or_else(|| "/settings?tab=security".to_owned(), |next| next.to_string());
            Ok(see_other(&format!("{next}{}done=check-sent", if next.contains('?') { '&' } else { '?' })))
        }
        Err(LinkError::TooMany { retry_after }) => Err(PageError::TooMany { retry_after }),
        Err(LinkError::Internal(error)) => Err(error.into()),
    }
}

/// What a link of either kind that does not work is answered with.
pub(super) const fn status(state: &LinkState) -> StatusCode {
    match state {
        LinkState::Works(_) | LinkState::Used => StatusCode::OK,
        LinkState::Over => StatusCode::GONE,
        LinkState::Unknown => StatusCode::NOT_FOUND,
    }
}

fn answer(context: &PageContext, state: LinkState, secret: String) -> Response {
    let about = Page::private(if state == LinkState::Used { "Address confirmed" } else { "Confirm your address" });
    let about = about.status(status(&state)).not_kept();
    let (signed_in, now) = (context.viewer.is_some(), context.flash.is_some());
    page(context, about, move || view! { <div class="narrow">{body(state, &secret, signed_in, now)}</div> })
}

/// `now`: it was confirmed a moment ago, as the page says above.
fn body(state: LinkState, secret: &str, signed_in: bool, now: bool) -> AnyView {
    let done = if now {
        "Mail about your bookings reaches you from now on. There is nothing left to do here."
    } else {
        "Already confirmed: there is nothing left to do here. Mail about your bookings reaches you."
    };
    match state {
        LinkState::Works(email) => view! {
            <h1>"Confirm your address"</h1>
            <form class="form-card" method="post" action=format!("/verify/{secret}")>
                <SubmitGuard busy="Confirming…" />
                <p>"Is "<strong class="break">{email}</strong>" your address? Once you confirm it we send you what concerns your bookings: confirmations, changes and reminders."</p>
                <button class="btn btn-primary btn-wide">"Confirm this address"</button>
            </form>
        }
        .into_any(),
        LinkState::Used => view! {
            <h1>"Your address is confirmed"</h1>
            <div class="form-card">
                <p class="done-line"><Icon picture=Picture::Check />{done}</p>
                {ways_on(signed_in)}
            </div>
        }
        .into_any(),
        LinkState::Over | LinkState::Unknown => view! {
            <h1>"This link does not work any more"</h1>
            <div class="form-card">
                <p>"A link to confirm an address works for a day, and only as it stood in the mail. Sign in and have another one sent: your settings have a button for it under Security."</p>
                <a class="btn btn-primary btn-wide" href="/settings?tab=security">"To the settings"</a>
            </div>
        }
        .into_any(),
    }
}

fn ways_on(signed_in: bool) -> AnyView {
    if signed_in {
        return view! { <a class="btn btn-primary btn-wide" href="/settings">"Continue"</a> }.into_any();
    }
    view! {
        <a class="btn btn-primary btn-wide" href="/login">"Sign in"</a>
        <p class="muted small">"You do not remember your password? "<a href="/forgot">"Choose a new one"</a></p>
    }
    .into_any()
}
