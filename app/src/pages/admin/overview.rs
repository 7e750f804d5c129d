//! `/admin`: the installation at a glance.

use axum::response::Response;
use leptos::prelude::*;
use wellmet::{accounts::SystemFacts, time::tzdata_version};

use super::AdminTabs;
use crate::{
    components::Nav,
    server::{Page, PageContext, PageError, SignedInAdmin, page},
};

pub(super) async fn show(SignedInAdmin(admin, _): SignedInAdmin, context: PageContext) -> Result<Response, PageError> {
    let facts = context.app.accounts.facts(&admin).await?;
    let address = context.app.config.public_url.origin().to_owned();
    Ok(page(&context, Page::private("Admin").nav(Nav::Admin), || view! { <Overview facts address /> }))
}

#[component]
fn Overview(facts: SystemFacts, address: String) -> impl IntoView {
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
        ("Program", format!("Wellmet {}", env!("CARGO_PKG_VERSION"))),
        ("Database", facts.engine.to_owned()),
        ("Latest migration", format!("{number}, {name}")),
        ("Time zone data", tzdata_version().to_owned()),
    ];
    let rows = rows.map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> });
    view! {
        <h1>"Admin"</h1>
        <AdminTabs here="/admin" />
        <dl class="card card-body pairs">{rows}</dl>
    }
}
