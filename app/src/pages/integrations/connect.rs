//! On the way to a provider's consent page.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    integrations::{CalConnectError, ProviderKind, Start, StartError, providers::Behind},
    model::IntegrationId,
};

use super::TAB;
use crate::{
    api::cal::error_code,
    components::Nav,
    server::{AppState, Form, Page, PageContext, PageError, SignedInCoach, cookies, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    provider: String,
    #[serde(default)]
    reconnect: Option<IntegrationId>,
    #[serde(default)]
    writing: bool,
    /// Behind a managed user at Cal.com: `google` or `office365`.
    #[serde(default)]
    calendar: Option<String>,
}

pub(super) async fn connect(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    headers: HeaderMap,
    Form(wanted, _): Form<Wanted>,
) -> Result<Response, PageError> {
    let kind = ProviderKind::parse(&wanted.provider).ok_or(PageError::NotFound)?;
    let secret = cookies::sign_in_secret(&headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    if kind == ProviderKind::CalComManaged {
        let behind = wanted.calendar.as_deref().map_or(Some(Behind::Google), Behind::parse).ok_or(PageError::NotFound)?;
        return match app.integrations.start_cal_connect(&coach, &secret, behind).await {
            Ok(address) => Ok(leave(&context, kind, address.expose(), false)),
            Err(CalConnectError::Internal(error)) => Err(error.into()),
            Err(error) => Ok(see_other(&format!("{TAB}&error={}", error_code(&error)))),
        };
    }
    let start = Start { reconnect: wanted.reconnect, wants_writing: wanted.writing, redirect_uri: None };
    match app.integrations.start_oauth(&coach, &secret, kind, start).await {
        Ok(departure) => Ok(leave(&context, kind, &departure.page, true)),
        Err(StartError::NotOffered) => Ok(see_other(&format!("{TAB}&error=not-set-up"))),
        Err(StartError::NotFound) => Ok(see_other(&format!("{TAB}&error=gone"))),
        Err(StartError::Internal(error)) => Err(error.into()),
    }
}

/// A page that leads to `address` by itself. The address is the provider's own, as configured. `linked`: a link leads there too;
/// not where the address is a credential (Cal.com's), which has no place in a page.
fn leave(context: &PageContext, kind: ProviderKind, address: &str, linked: bool) -> Response {
    let name = kind.name();
    let link = linked.then(|| address.to_owned());
    let mut response = page(context, Page::private(format!("To {name}")).nav(Nav::Settings), move || {
        let on = match link {
            Some(address) => {
                view! { <p><a class="btn btn-primary" href=address rel="noreferrer">{format!("Continue to {name}")}</a></p> }.into_any()
            }
            None => view! { <p class="muted">"Your browser goes there by itself. If it does not, go back and press the button again."</p> }
                .into_any(),
        };
        view! {
            <div class="narrow stack">
                <h1>{format!("On to {name}")}</h1>
                <p class="lead">{format!("{name} asks whether this site may see when you are busy. You come back here afterwards.")}</p>
                {on}
                <p><a href=TAB>"Back to your calendars"</a></p>
            </div>
        }
    });
    // Browsers follow this header as they follow a link.
    if let Ok(refresh) = format!("0; url={address}").parse() {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}
