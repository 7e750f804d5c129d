//! The address under which a calendar program reads one's sessions: made, made anew, switched off.

use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::Identity,
    error::Internal,
    notices::FeedStatus,
    time::{Zone, words},
};

use super::show::{Sent, Tab, path, render};
use crate::{
    islands::{CopyLink, SubmitGuard},
    pages::feeds::has_sessions,
    server::{Form, PageContext, PageError, SignedIn, see_other},
};

/// What the section shows.
pub(super) struct FeedSection {
    /// Since when there is one, and when it was last read, in words.
    status: Option<(String, Option<String>)>,
    /// Its address, right after it was made.
    address: Option<String>,
}

impl FeedSection {
    /// As it is stored; `None` for who has no sessions. `address`: one that was made just now.
    pub(super) async fn load(context: &PageContext, identity: &Identity, address: Option<String>) -> Result<Option<Self>, Internal> {
        if !has_sessions(identity.actor()) {
            return Ok(None);
        }
        let zone = Zone::parse(identity.time_zone()).unwrap_or_else(Zone::utc);
        let at = |instant| format!("{}, {}", words::long_date(zone.date_of(instant)), zone.wall(instant));
        let status = context.app.feeds.status(identity.actor()).await?;
        let status = status.map(|FeedStatus { created_at, last_read_at }| (at(created_at), last_read_at.map(at)));
        Ok(Some(Self { status, address }))
    }
}

/// A form with a button alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Button {}

pub(super) async fn renew(SignedIn(identity): SignedIn, context: PageContext, _: Form<Button>) -> Result<Response, PageError> {
    if !has_sessions(identity.actor()) {
        return Err(PageError::Forbidden);
    }
    let secret = context.app.feeds.renew(identity.actor()).await?;
    // Shown here and never again: a redirect would have to carry it in an address.
    let address = format!("{}/feeds/{}.ics", context.app.config.public_url.origin(), secret.expose());
    let sent = Sent { feed_address: Some(address), ..Sent::default() };
    render(&context, &identity, Tab::Profile, sent).await
}

pub(super) async fn switch_off(SignedIn(identity): SignedIn, context: PageContext, _: Form<Button>) -> Result<Response, PageError> {
    context.app.feeds.switch_off(identity.actor()).await?;
    Ok(see_other(&format!("{}?done=feed-off#calendar-feed", path(identity.role()))))
}

#[component]
pub(super) fn FeedPart(of: FeedSection) -> impl IntoView {
    let FeedSection { status, address } = of;
    let on = status.is_some();
    let known = status.map(|(made, read)| {
        let read = read.map_or_else(|| "No program has read it yet.".to_owned(), |at| format!("Last read {at}."));
        view! { <p class="muted">{format!("There is an address since {made}. {read}")}</p> }
    });
    let fresh = address.map(|address| {
        view! {
            <div class="feed-address" role="status">
                <p><strong>"This is your address. It is shown this once."</strong></p>
                <p>"In your calendar program choose “subscribe” or “add by URL” and paste it. Whoever has it can read your sessions: treat it like a password."</p>
                <label for="feed-address">"Calendar address"</label>
                <input class="input" id="feed-address" readonly=true value=address.clone() />
                <CopyLink url=address what="link" />
            </div>
        }
    });
    let off = on.then(|| {
        view! {
            <form method="post" action="/settings/calendar-feed/off">
                <button class="btn">"Switch it off"</button>
            </form>
        }
    });
    let (words, class) = if on { ("Make a new address", "btn") } else { ("Make a private address", "btn btn-primary") };
    view! {
        <section class="form-card" id="calendar-feed" aria-labelledby="feed-title">
            <h2 id="feed-title">"Your sessions in your calendar"</h2>
            <p class="muted">"A private address that your calendar program reads by itself, every hour or so: what is agreed, what is requested, and what was called off. It works with every program that can subscribe to a calendar."</p>
            {fresh}
            {known}
            <div class="button-row">
                <form method="post" action="/settings/calendar-feed">
                    <SubmitGuard busy="Making…" />
                    <button class=class>{words}</button>
                </form>
                {off}
            </div>
            {on.then(|| view! { <p class="hint">"A new address ends the old one at once; programs that have the old one stop being told."</p> })}
        </section>
    }
}
