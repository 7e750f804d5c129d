//! Asking the coach whether a program of theirs may connect an account.

use axum::response::Response;
use leptos::prelude::*;

use super::TAB;
use crate::{
    components::Nav,
    server::{Page, PageContext, page},
};

/// A page that asks whether to connect an account of `name`, and posts what came back, `fields`, to `action`; with `decision` `connect` or
/// `decline`. Works without scripts.
pub(crate) fn ask(context: &PageContext, name: &'static str, action: String, fields: Vec<(&'static str, String)>) -> Response {
    page(context, Page::private(format!("Connect {name}?")).nav(Nav::Settings), move || {
        let fields = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
        view! {
            <div class="narrow stack">
                <h1>{format!("Connect {name}?")}</h1>
                <p class="lead">{format!("A program of yours asked to connect this {name} account.")}</p>
                <p>"Its busy times would then close your hours, and bookings could be written into it. If you did not just choose an account for a program of yours, do not connect it."</p>
                <form method="post" action=action class="form-buttons">
                    {fields}
                    <button class="btn btn-primary" name="decision" value="connect">"Connect"</button>
                    <button class="btn btn-quiet" name="decision" value="decline">"Do not connect"</button>
                </form>
                <p><a href=TAB>"Back to your calendars"</a></p>
            </div>
        }
    })
}
