//! `/admin`: the installation at a glance.

use axum::response::Response;
use leptos::prelude::*;
use wellmet::{accounts::SystemFacts, time::tzdata_version};

use super::AdminTabs;
use crate::{
    components::{Nav, Notice, Tone},
    server::{Page, PageContext, PageError, SignedInAdmin, page},
};

pub(super) async fn show(SignedInAdmin(admin, _): SignedInAdmin, context: PageContext) -> Result<Response, PageError> {
    let facts = context.app.accounts.facts(&admin).await?;
    let warning = context.app.config.mail.warning();
    let mailbox = context.app.mailbox().await?.is_some();
    let mail = context.app.config.mail.smtp.as_ref().map_or_else(|| "off".to_owned(), |smtp| format!("through {}", smtp.shown));
    let address = context.app.config.public_url.origin().to_owned();
    Ok(page(&context, Page::private("Admin").nav(Nav::Admin), || view! { <Overview facts address mail warning mailbox /> }))
}

#[component]
fn Overview(facts: SystemFacts, address: String, mail: String, warning: Option<String>, mailbox: bool) -> impl IntoView {
    let [mentees, coaches, admins] = facts.active_users;
    let (number, name) = facts.migration;
    let rows = [
        ("Active mentees", mentees.to_string()),
        ("Active coaches", coaches.to_string()),
        ("Active admins", admins.to_string()),
        ("Deactivated accounts", facts.inactive_users.to_string()),
        ("Bookings to come", facts.upcoming_bookings.to_string()),
        ("Bookings in all", facts.bookings.to_string()),
        ("Address", address),
        ("Mail", mail),
        ("Program", format!("Wellmet {}", env!("CARGO_PKG_VERSION"))),
        ("Database", facts.engine.to_owned()),
        ("Latest migration", format!("{number}, {name}")),
        ("Time zone data", tzdata_version().to_owned()),
    ];
    let rows = rows.map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> });
    let link = mailbox.then(|| view! { " "<a href="/mailbox">"Open the mailbox"</a> });
    let warning = warning.map(|words| view! { <Notice tone=Tone::Warn><p class="break">{words}{link}</p></Notice> });
    view! {
        <h1>"Admin"</h1>
        <AdminTabs here="/admin" />
        {warning}
        <dl class="card card-body pairs">{rows}</dl>
    }
}
