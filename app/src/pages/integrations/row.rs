//! One connected account.

use leptos::prelude::*;
use wellmet::{
    integrations::{Calendar, Connected, ProviderKind, health::Health},
    model::Instant,
    time::{Zone, words},
};

use crate::components::{Chip, Tone};

/// An account, how it does, and its calendars.
#[component]
pub(super) fn AccountRow(
    /// The account and its calendars.
    account: Connected,
    /// The coach's zone, for times.
    zone: Zone,
    /// Now.
    now: Instant,
) -> impl IntoView {
    let Connected { integration, calendars } = account;
    let path = format!("/dashboard/settings/integrations/{}", integration.id);
    let name = integration.kind.name();
    let title = format!("account-{}", integration.id);
    let named = title.clone();
    let (tone, word) = match integration.state.health {
        Health::Healthy => (Tone::Ok, "Working"),
        Health::Degraded => (Tone::Warn, "In trouble"),
        Health::NeedsReconnect | Health::Disconnected => (Tone::Danger, "Needs you"),
    };
    let mark = name.chars().next().map(String::from);
    let broken = integration.state.health == Health::NeedsReconnect;
    let state = state_words(&integration, &zone, now);
    let mend = if broken { mend(&integration).into_any() } else { test(&path, &integration.account_label).into_any() };
    view! {
        <li class="account" aria-labelledby=named>
            <div class="account-head">
                <span class="account-mark" aria-hidden="true">{mark}</span>
                <div class="account-what">
                    <h3 class="account-name" id=title>{name}" "<Chip tone words=word /></h3>
                    <p class="account-label">{integration.account_label.clone()}</p>
                    <p class=if broken { "account-state account-broken" } else { "account-state" }>{state}</p>
                </div>
                {mend}
            </div>
            <div class="account-calendars">
                <CalendarsForm path=path.clone() calendars label=integration.account_label.clone() can_write=integration.can_write now />
                <div class="account-more">
                    {write_consent(&integration)}
                    <a class="danger-link" href=format!("{path}/disconnect")>
                        "Disconnect"<span class="visually-hidden">" "{integration.account_label.clone()}</span>
                    </a>
                </div>
            </div>
        </li>
    }
}

/// How it does, since when, and how old its data is.
fn state_words(integration: &wellmet::integrations::Integration, zone: &Zone, now: Instant) -> String {
    let read = match integration.last_ok_at {
        Some(at) => format!("Last read {}.", words::distance(now, at)),
        None => "Not read yet.".to_owned(),
    };
    let Some(reason) = integration.state.reason else { return read };
    let since = integration.state.since;
    let since = format!("Since {}, {}.", words::day_and_month(zone.date_of(since)), zone.wall(since));
    let then = match integration.state.health {
        Health::NeedsReconnect => "Connect it again: your choice of calendars is kept.",
        _ => "We keep trying; there is nothing for you to do.",
    };
    format!("{} {since} {read} {then}", reason.says())
}

/// The one button that mends a broken account.
fn mend(integration: &wellmet::integrations::Integration) -> impl IntoView + use<> {
    match integration.kind {
        ProviderKind::Caldav => again_link("caldav", integration).into_any(),
        ProviderKind::IcsFeed => again_link("feed", integration).into_any(),
        kind => view! {
            <form method="post" action="/dashboard/settings/integrations/connect">
                <input type="hidden" name="provider" value=kind.as_str() />
                <input type="hidden" name="reconnect" value=integration.id.to_string() />
                <button class="btn btn-primary">"Reconnect"<span class="visually-hidden">" "{integration.account_label.clone()}</span></button>
            </form>
        }
        .into_any(),
    }
}

fn again_link(form: &str, integration: &wellmet::integrations::Integration) -> impl IntoView + use<> {
    view! {
        <a class="btn btn-primary" href=format!("/dashboard/settings/integrations/{form}?again={}", integration.id)>
            "Reconnect"<span class="visually-hidden">" "{integration.account_label.clone()}</span>
        </a>
    }
}

fn test(path: &str, label: &str) -> impl IntoView + use<> {
    view! {
        <form method="post" action=format!("{path}/test")>
            <button class="btn">"Test"<span class="visually-hidden">" the connection to "{label.to_owned()}</span></button>
        </form>
    }
}

/// Writing is a consent of its own, asked for when it is wanted.
fn write_consent(integration: &wellmet::integrations::Integration) -> impl IntoView + use<> {
    let consents = matches!(integration.kind, ProviderKind::Google | ProviderKind::Microsoft) && !integration.can_write;
    let usable = integration.state.health != Health::NeedsReconnect;
    (consents && usable).then(|| {
        view! {
            <form method="post" action="/dashboard/settings/integrations/connect">
                <input type="hidden" name="provider" value=integration.kind.as_str() />
                <input type="hidden" name="reconnect" value=integration.id.to_string() />
                <input type="hidden" name="writing" value="true" />
                <button class="btn-link">"Let bookings be written to it"</button>
            </form>
        }
    })
}

#[component]
fn CalendarsForm(path: String, calendars: Vec<Calendar>, label: String, can_write: bool, now: Instant) -> impl IntoView {
    if calendars.is_empty() {
        return view! { <p class="muted">"This account has no calendar that we may read."</p> }.into_any();
    }
    let targets: Vec<_> = calendars.iter().filter(|calendar| can_write && calendar.writable).cloned().collect();
    let boxes = calendars.into_iter().map(|calendar| {
        let missing = calendar.missing_since.map(|at| format!("missing from the account since {}", words::distance(now, at)));
        let trouble = missing.or_else(|| calendar.problem.map(|problem| problem.says().to_owned()));
        let trouble = trouble.map(|words| view! { <span class="hint calendar-trouble">{words}</span> });
        let goes_here = calendar.receives_bookings.then(|| view! { <span class="hint">"bookings go here"</span> });
        view! {
            <label class="check">
                <input type="checkbox" name="busy" value=calendar.id.to_string() checked=calendar.counts_busy />
                <span>{calendar.name}{goes_here}{trouble}</span>
            </label>
        }
    });
    let boxes = boxes.collect_view();
    view! {
        <form method="post" action=format!("{path}/calendars") class="calendar-choice">
            <fieldset>
                <legend>"Busy time counts from"<span class="visually-hidden">" (calendars of "{label}")"</span></legend>
                {boxes}
            </fieldset>
            {(!targets.is_empty()).then(|| target_select(targets, &path))}
            <button class="btn btn-small">"Save choice"</button>
        </form>
    }
    .into_any()
}

fn target_select(targets: Vec<Calendar>, path: &str) -> impl IntoView + use<> {
    let id = format!("target-{}", path.rsplit('/').next().unwrap_or_default());
    let chosen = targets.iter().any(|calendar| calendar.receives_bookings);
    let options = targets.into_iter().map(|calendar| {
        view! { <option value=calendar.id.to_string() selected=calendar.receives_bookings>{calendar.name}</option> }
    });
    let options = options.collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>"Bookings are written to"</label>
            <select class="input input-narrow" id=id name="target">
                <option value="" selected=!chosen>"None of these"</option>
                {options}
            </select>
        </div>
    }
}
