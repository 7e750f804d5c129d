//! `/admin/users`: who has an account, and shutting one out.

use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{SetActiveError, UserPage, UserSummary},
    model::{Role, UserId},
    time::{Zone, words::long_date},
};

use super::AdminTabs;
use crate::{
    components::{Breadcrumbs, Chip, EmptyState, Nav, Pager, Tone},
    server::{Form, Page, PageContext, PageError, PathOf, QueryOf, SignedInAdmin, local_path::encode, page, see_other},
};

#[derive(Debug, Deserialize)]
pub(super) struct UsersQuery {
    q: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    active: bool,
}

pub(super) async fn list(
    SignedInAdmin(admin, _): SignedInAdmin,
    context: PageContext,
    QueryOf(query): QueryOf<UsersQuery>,
) -> Result<Response, PageError> {
    let q = query.q.unwrap_or_default();
    let after = query.after.and_then(|id| id.parse().ok());
    let found = context.app.accounts.list_users(&admin, &q, after).await?;
    let first = after.is_none();
    Ok(page(&context, Page::private("People").nav(Nav::Admin), || view! { <UsersPage found q first /> }))
}

pub(super) async fn ask(
    SignedInAdmin(admin, identity): SignedInAdmin,
    context: PageContext,
    PathOf(id): PathOf<UserId>,
) -> Result<Response, PageError> {
    let user = context.app.accounts.user(&admin, id).await?.ok_or(PageError::NotFound)?;
    let yourself = identity.id() == id;
    Ok(page(&context, Page::private(user.name.clone()).nav(Nav::Admin), || view! { <UserPageView user yourself /> }))
}

pub(super) async fn set_active(
    SignedInAdmin(admin, _): SignedInAdmin,
    context: PageContext,
    PathOf(id): PathOf<UserId>,
    Form(Switch { active }, _): Form<Switch>,
) -> Result<Response, PageError> {
    let done = if active { "reactivated" } else { "deactivated" };
    match context.app.accounts.set_active(&admin, id, active).await {
        Ok(Some(_)) => Ok(see_other(&format!("/admin/users/{id}?done={done}"))),
        Ok(None) => Err(PageError::NotFound),
        Err(SetActiveError::Yourself) => Err(PageError::Unprocessable("You cannot deactivate your own account.".to_owned())),
        Err(SetActiveError::Internal(error)) => Err(error.into()),
    }
}

const fn role_words(role: Role) -> &'static str {
    match role {
        Role::Mentee => "Mentee",
        Role::Coach => "Coach",
        Role::Admin => "Admin",
    }
}

fn state(active: bool) -> impl IntoView {
    let (tone, words) = if active { (Tone::Ok, "Active") } else { (Tone::Danger, "Deactivated") };
    view! { <Chip tone words /> }
}

#[component]
fn UsersPage(found: UserPage, q: String, first: bool) -> impl IntoView {
    let query = if q.is_empty() { String::new() } else { format!("q={}&", encode(&q)) };
    let next = found.next.map(|id| format!("/admin/users?{query}after={id}"));
    let previous = (!first).then(|| format!("/admin/users?{}", query.trim_end_matches('&')));
    let none = found.users.is_empty();
    let rows = found.users.into_iter().map(|user| {
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("/admin/users/{}", user.id)>
                    <span class="list-title"><strong>{user.name}</strong>{(!user.active).then(|| state(false))}</span>
                    <span class="muted">{user.email}</span>
                </a>
                <span class="muted small">{role_words(user.role)}", since "{long_date(Zone::utc().date_of(user.created_at))}</span>
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = if none {
        view! { <EmptyState title="Nobody found"><p>"Try part of a name or an address. "<a href="/admin/users">"Show everyone"</a></p></EmptyState> }.into_any()
    } else {
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    view! {
        <h1>"People"</h1>
        <AdminTabs here="/admin/users" />
        <form class="search-form" method="get" action="/admin/users" role="search">
            <label for="q">"Name or address"</label>
            <div class="search-line">
                <input class="input" type="search" id="q" name="q" value=q />
                <button class="btn btn-primary">"Search"</button>
            </div>
        </form>
        {list}
        <Pager previous next />
    }
}

#[component]
fn UserPageView(user: UserSummary, yourself: bool) -> impl IntoView {
    let UserSummary { id, email, name, role, time_zone, active, created_at } = user;
    let (question, words, class) = if active {
        (
            "A deactivated account is signed out at once and cannot sign in; a coach is no longer found. Bookings stay.",
            "Deactivate this account",
            "btn btn-danger",
        )
    } else {
        ("The account can sign in again; a coach is found again.", "Reactivate this account", "btn btn-primary")
    };
    let form = if yourself {
        view! { <p class="muted">"This is your own account; another admin can deactivate it."</p> }.into_any()
    } else {
        view! {
            <form class="form-card" method="post" action=format!("/admin/users/{id}")>
                <p>{question}</p>
                <input type="hidden" name="active" value=if active { "false" } else { "true" } />
                <button class=class>{words}</button>
            </form>
        }
        .into_any()
    };
    let rows = [
        ("Address", email),
        ("Role", role_words(role).to_owned()),
        ("Time zone", time_zone),
        ("Since", long_date(Zone::utc().date_of(created_at))),
        ("Id", id.to_string()),
    ];
    let rows = rows.map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> });
    view! {
        <Breadcrumbs links=vec![("/admin".into(), "Admin".into()), ("/admin/users".into(), "People".into())] />
        <div class="form-page">
            <h1>{name}</h1>
            <p>{state(active)}</p>
            <dl class="card card-body pairs">{rows}</dl>
            {form}
        </div>
    }
}
