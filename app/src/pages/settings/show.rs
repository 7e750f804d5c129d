//! The page with all its forms, as they are or as they were sent.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{accounts::Identity, coaches::CoachProfile, model::Role};

use super::{
    feed::FeedSection,
    tokens::{Asked, TokenSection},
    view::SettingsPage,
};
use crate::{
    components::Nav,
    dto::FormState,
    pages::{integrations::Integrations, webhooks::Hooks},
    server::{Lands, Page, PageContext, PageError, QueryOf, SignedIn, SignedInCoach, page, see_other},
};

/// The parts of the settings, each under its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// Name, zone, and a coach's page.
    Profile,
    /// A coach's calendars.
    Integrations,
    /// Who is told of a coach's bookings.
    Notices,
    /// Password and sign-ins.
    Security,
}

/// Forms as they were sent; what is missing is shown as it is stored.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) account: Option<FormState>,
    pub(super) page: Option<FormState>,
    pub(super) password: Option<FormState>,
    /// What came of asking for a token.
    pub(super) token: Option<Asked>,
    /// The address of a calendar feed that was made just now.
    pub(super) feed_address: Option<String>,
    /// What the tab of calendars shows.
    pub(super) integrations: Option<Integrations>,
    /// What the tab of notices shows.
    pub(super) hooks: Option<Hooks>,
}

/// All that the page shows.
pub(super) struct Settings {
    pub(super) tab: Tab,
    /// The page's own path.
    pub(super) path: &'static str,
    pub(super) email: String,
    pub(super) account: FormState,
    /// A coach's page and its address.
    pub(super) page: Option<(FormState, String)>,
    pub(super) password: FormState,
    /// On the first tab, for who has sessions.
    pub(super) feed: Option<FeedSection>,
    /// On the tab of security.
    pub(super) tokens: Option<TokenSection>,
    /// The address that was not confirmed yet, and where mail to it lands.
    pub(super) unchecked: Option<Lands>,
    /// On that tab, a coach's calendars.
    pub(super) integrations: Option<Integrations>,
    /// On that tab, a coach's webhooks.
    pub(super) hooks: Option<Hooks>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SettingsQuery {
    tab: Option<String>,
    /// `true` when one comes back from connecting a calendar.
    success: Option<String>,
    /// Why no calendar was connected.
    error: Option<String>,
}

impl SettingsQuery {
    fn tab(&self) -> Tab {
        match self.tab.as_deref() {
            Some("security") => Tab::Security,
            Some("integrations") => Tab::Integrations,
            Some("notices") => Tab::Notices,
            _ => Tab::Profile,
        }
    }
}

/// Where someone's settings are.
pub(super) const fn path(role: Role) -> &'static str {
    if matches!(role, Role::Coach) { "/dashboard/settings" } else { "/settings" }
}

pub(super) async fn everyone(
    SignedIn(identity): SignedIn,
    context: PageContext,
    QueryOf(query): QueryOf<SettingsQuery>,
) -> Result<Response, PageError> {
    if identity.role() == Role::Coach {
        return Ok(see_other("/dashboard/settings"));
    }
    let tab = if query.tab() == Tab::Security { Tab::Security } else { Tab::Profile };
    render(&context, &identity, tab, Sent::default()).await
}

pub(super) async fn coach(
    SignedInCoach(coach, identity): SignedInCoach,
    context: PageContext,
    QueryOf(query): QueryOf<SettingsQuery>,
) -> Result<Response, PageError> {
    match query.tab() {
        Tab::Integrations => {}
        Tab::Notices => {
            let hooks = Some(Hooks::load(&context.app, coach.into()).await?);
            return render(&context, &identity, Tab::Notices, Sent { hooks, ..Sent::default() }).await;
        }
        tab => return render(&context, &identity, tab, Sent::default()).await,
    }
    let success = query.success.as_deref() == Some("true");
    let shown = Integrations::load(&context, &coach, &identity, success, query.error.as_deref()).await?;
    render_integrations(&context, &identity, shown).await
}

/// The tab with a coach's calendars.
pub async fn render_integrations(context: &PageContext, identity: &Identity, shown: Integrations) -> Result<Response, PageError> {
    let sent = Sent { integrations: Some(shown), ..Sent::default() };
    render(context, identity, Tab::Integrations, sent).await
}

/// The page of `identity`, with what was `sent` kept.
pub(super) async fn render(context: &PageContext, identity: &Identity, tab: Tab, sent: Sent) -> Result<Response, PageError> {
    let token = if let Some(Asked::Failed(form)) = &sent.token { Some(form) } else { None };
    let forms = [sent.account.as_ref(), sent.page.as_ref(), sent.password.as_ref(), token];
    let wrong = forms.into_iter().flatten().any(FormState::has_errors);
    let page_form = match identity.coach() {
        Some(coach) => {
            let profile = context.app.coaches.own_profile(&coach).await?;
            let link = format!("/coaches/{}", profile.slug);
            Some((sent.page.unwrap_or_else(|| filled(&profile)), link))
        }
        None => None,
    };
    let unchecked = if tab == Tab::Security && !identity.email_checked() { context.app.check_lands().await? } else { None };
    let stored = || FormState::new().with("name", identity.name()).with("time_zone", identity.time_zone());
    let feed = if tab == Tab::Profile { FeedSection::load(context, identity, sent.feed_address).await? } else { None };
    let tokens = if tab == Tab::Security { Some(TokenSection::load(context, identity, sent.token).await?) } else { None };
    let settings = Settings {
        feed,
        tokens,
        tab,
        path: path(identity.role()),
        email: identity.email().to_owned(),
        account: sent.account.unwrap_or_else(stored),
        page: page_form,
        password: sent.password.unwrap_or_default(),
        unchecked,
        integrations: sent.integrations,
        hooks: sent.hooks,
    };
    let (title, status) = if wrong { ("Error: Settings", StatusCode::UNPROCESSABLE_ENTITY) } else { ("Settings", StatusCode::OK) };
    Ok(page(context, Page::private(title).nav(Nav::Settings).status(status), || view! { <SettingsPage settings /> }))
}

fn filled(profile: &CoachProfile) -> FormState {
    FormState::new()
        .with("slug", &profile.slug)
        .with("headline", &profile.headline)
        .with("bio", &profile.bio)
        .with("languages", profile.languages.join(", "))
        .with("topics", profile.topics.join(", "))
        .with("listed", if profile.listed { "true" } else { "" })
}
