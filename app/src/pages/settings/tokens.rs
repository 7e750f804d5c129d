//! Personal tokens for the REST API: made, shown once, looked at, revoked.

use std::time::Duration;

use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{ApiToken, CreateTokenError, Identity, MOST_TOKENS, NewToken, TokenScope},
    error::Internal,
    model::{ApiTokenId, FieldErrors, Instant},
    time::{Zone, words},
};

use super::{
    feed::Button,
    show::{Sent, Tab, path, render},
};
use crate::{
    components::{Chip, ErrorSummary, Field, Nav, Notice, RadioCards, SelectField, Tone},
    dto::FormState,
    islands::{CopyLink, SubmitGuard},
    server::{Form, Page, PageContext, PageError, PathOf, SignedIn, page, see_other},
};

/// For how many days a token may work, and in words.
const DAYS: [(u64, &str); 3] = [(30, "30 days"), (90, "90 days"), (365, "A year")];

const LABELS: &[(&str, &str)] = &[("name", "Name"), ("scope", "What may it do?"), ("days", "How long does it work?")];

/// What the form to make one came to.
pub(super) enum Asked {
    /// It was made: the whole token.
    Made(String),
    /// It was made by the same form before.
    Again,
    /// Something was wrong with it.
    Failed(FormState),
}

/// What the section shows.
pub(super) struct TokenSection {
    rows: Vec<Row>,
    full: bool,
    form: FormState,
    fresh: Option<String>,
    again: bool,
}

/// One token, in words.
struct Row {
    id: ApiTokenId,
    name: String,
    scope: &'static str,
    hint: String,
    over: bool,
    facts: String,
}

impl TokenSection {
    /// As they are stored, with what was `asked` just now.
    pub(super) async fn load(context: &PageContext, identity: &Identity, asked: Option<Asked>) -> Result<Self, Internal> {
        let (now, zone) = (context.app.deps.clock.now(), zone_of(identity));
        let tokens = context.app.accounts.tokens(identity.actor()).await?;
        let full = tokens.iter().filter(|token| !token.is_over(now)).count() >= MOST_TOKENS;
        let rows = tokens.into_iter().map(|token| Row::of(token, &zone, now)).collect();
        let id: ApiTokenId = context.app.deps.ids.id(now);
        let empty = || FormState::new().with("token", id.to_string()).with("scope", "read").with("days", "90");
        let (form, fresh, again) = match asked {
            Some(Asked::Made(token)) => (empty(), Some(token), false),
            Some(Asked::Again) => (empty(), None, true),
            Some(Asked::Failed(form)) => (form, None, false),
            None => (empty(), None, false),
        };
        Ok(Self { rows, full, form, fresh, again })
    }

    /// Whether there is one that works.
    pub(super) fn any_live(&self) -> bool {
        self.rows.iter().any(|row| !row.over)
    }
}

impl Row {
    fn of(token: ApiToken, zone: &Zone, now: Instant) -> Self {
        let over = token.is_over(now);
        let day = |at: Instant| words::long_date(zone.date_of(at));
        let used = token.last_used_at.map_or_else(|| "Never used.".to_owned(), |at| format!("Last used {}, {}.", day(at), zone.wall(at)));
        let ends = if over { "Ended" } else { "Works until" };
        let facts = format!("Made {}. {ends} {}. {used}", day(token.created_at), day(token.expires_at));
        Self { over, facts, id: token.id, name: token.name, scope: scope_words(token.scope), hint: token.hint }
    }
}

fn zone_of(identity: &Identity) -> Zone {
    Zone::parse(identity.time_zone()).unwrap_or_else(Zone::utc)
}

const fn scope_words(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "Read only",
        TokenScope::Write => "Read and write",
    }
}

/// The form as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenForm {
    /// The id of what it makes, so that a form that is sent twice makes one token.
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    days: String,
}

impl TokenForm {
    fn read(self) -> Result<NewToken, FieldErrors> {
        let mut errors = FieldErrors::new();
        let scope = TokenScope::parse(&self.scope);
        if scope.is_none() {
            errors.add("scope", "Choose what it may do.");
        }
        let days = DAYS.iter().find(|(days, _)| days.to_string() == self.days);
        if days.is_none() {
            errors.add("days", "Choose how long it works.");
        }
        errors.or(())?;
        let lasts = Duration::from_hours(days.map_or(0, |(days, _)| days * 24));
        Ok(NewToken { id: self.token.parse().ok(), name: self.name, scope: scope.unwrap_or(TokenScope::Read), lasts })
    }
}

pub(super) async fn create(
    SignedIn(identity): SignedIn,
    context: PageContext,
    Form(given, form): Form<TokenForm>,
) -> Result<Response, PageError> {
    let made = match given.read() {
        Ok(wish) => context.app.accounts.make_token(identity.actor(), wish).await,
        Err(errors) => Err(errors.into()),
    };
    let asked = match made {
        // Shown here and never again: a redirect would have to carry it in an address.
        Ok(issued) => Asked::Made(issued.expose()),
        Err(CreateTokenError::Made) => Asked::Again,
        Err(CreateTokenError::Invalid(errors)) => Asked::Failed(form.failed(errors)),
        Err(CreateTokenError::Full) => {
            let words = format!("You have {MOST_TOKENS} tokens that work, which is all that fit. Revoke one first.");
            Asked::Failed(form.failed(FieldErrors::one("name", words)))
        }
        Err(CreateTokenError::Internal(error)) => return Err(error.into()),
    };
    render(&context, &identity, Tab::Security, Sent { token: Some(asked), ..Sent::default() }).await
}

pub(super) async fn ask_revoke(
    SignedIn(identity): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<ApiTokenId>,
) -> Result<Response, PageError> {
    let tokens = context.app.accounts.tokens(identity.actor()).await?;
    let token = tokens.into_iter().find(|token| token.id == id).ok_or(PageError::NotFound)?;
    let row = Row::of(token, &zone_of(&identity), context.app.deps.clock.now());
    let back = format!("{}?tab=security#api-tokens", path(identity.role()));
    Ok(page(&context, Page::private("Revoke a token").nav(Nav::Settings), move || {
        view! {
            <div class="narrow stack">
                <h1>"Revoke this token?"</h1>
                <p class="lead break">{row.name}</p>
                <p>{format!("It ends with {}. {}", row.hint, row.facts)}</p>
                <p>"Programs that use it are refused from then on. It cannot be brought back."</p>
                <form method="post" action=format!("/settings/tokens/{id}/revoke") class="form-buttons">
                    <button class="btn btn-danger">"Revoke it"</button>
                    <a class="btn btn-quiet" href=back>"Keep it"</a>
                </form>
            </div>
        }
    }))
}

pub(super) async fn revoke(
    SignedIn(identity): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<ApiTokenId>,
    _: Form<Button>,
) -> Result<Response, PageError> {
    context.app.accounts.revoke_token(identity.actor(), id).await?;
    Ok(see_other(&format!("{}?tab=security&done=token-revoked#api-tokens", path(identity.role()))))
}

#[component]
pub(super) fn TokenPart(of: TokenSection) -> impl IntoView {
    let TokenSection { rows, full, form, fresh, again } = of;
    let again = again.then(|| {
        view! { <Notice tone=Tone::Warn>"This form made its token already, and it is not shown again. If you did not keep it, revoke it and make another."</Notice> }
    });
    let list = (!rows.is_empty()).then(|| {
        let rows = rows.into_iter().map(row_view).collect_view();
        view! { <ul class="card list token-list" aria-label="Your tokens">{rows}</ul> }
    });
    let make = if full {
        view! { <p class="muted">{format!("You have {MOST_TOKENS} tokens that work, which is all that fit. Revoke one to make another.")}</p> }
            .into_any()
    } else {
        view! { <TokenFormView form /> }.into_any()
    };
    view! {
        <section class="form-card" id="api-tokens" aria-labelledby="tokens-title">
            <h2 id="tokens-title">"API tokens"</h2>
            <p class="muted">"For programs of yours that use this site’s REST API. A token does what you may do, or reads it only, until it ends or you revoke it. A new password leaves them as they are; a password you reset because you lost it ends them all. "<a href="/docs">"What can be asked"</a></p>
            {again}
            {fresh.map(|token| view! { <Fresh token /> })}
            {list}
            {make}
        </section>
    }
}

fn row_view(row: Row) -> impl IntoView {
    let standing = if row.over {
        view! { <Chip tone=Tone::Warn words="Expired" /> }
    } else {
        view! { <Chip tone=Tone::Info words=row.scope /> }
    };
    let label = format!("Revoke {}", row.name);
    view! {
        <li class="list-row">
            <div class="list-main">
                <span class="list-title"><strong>{row.name}</strong>{standing}</span>
                <span class="muted">{format!("Ends with {}. {}", row.hint, row.facts)}</span>
            </div>
            <a class="btn btn-small" href=format!("/settings/tokens/{}/revoke", row.id) aria-label=label>"Revoke"</a>
        </li>
    }
}

#[component]
fn Fresh(token: String) -> impl IntoView {
    view! {
        <div class="feed-address" role="status">
            <p><strong>"This is your token. It is shown this once."</strong></p>
            <p>"Give it to your program, which sends it with each request as "<code>"Authorization: Bearer …"</code>". Whoever has it can do what it may: treat it like a password."</p>
            <label for="fresh-token">"Your new token"</label>
            <input class="input" id="fresh-token" readonly=true autocomplete="off" spellcheck="false" value=token.clone() />
            <CopyLink url=token what="token" />
        </div>
    }
}

#[component]
fn TokenFormView(form: FormState) -> impl IntoView {
    let days = DAYS.map(|(days, words)| (days.to_string(), words.to_owned())).to_vec();
    let scopes = vec![
        ("read", "Read only", "It sees what you see and changes nothing."),
        ("write", "Read and write", "It may do whatever you may do."),
    ];
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form class="token-form" method="post" action="/settings/tokens#api-tokens" aria-labelledby="new-token-title">
            <h3 id="new-token-title">"A new token"</h3>
            <SubmitGuard busy="Making…" />
            <input type="hidden" name="token" value=form.value("token").to_owned() />
            <Field of=form.field("name") label="Name" hint="What it is for: “Reporting”, “My CRM”." required=true maxlength=60 autocomplete="off" />
            <RadioCards of=form.field("scope") label="What may it do?" choices=scopes />
            <SelectField of=form.field("days") label="How long does it work?" options=days required=true />
            <button class="btn btn-primary">"Make a token"</button>
        </form>
    }
}
