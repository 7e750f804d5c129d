//! `/admin/webhooks`: where the site itself tells of bookings.

use axum::response::Response;
use leptos::prelude::*;

use super::AdminTabs;
use crate::{
    components::Nav,
    pages::webhooks::{HookList, Hooks},
    server::{Page, PageContext, PageError, SignedInAdmin, page},
};

pub(super) async fn list(SignedInAdmin(admin, _): SignedInAdmin, context: PageContext) -> Result<Response, PageError> {
    let of = Hooks::load(&context.app, admin.into()).await?;
    Ok(page(&context, Page::private("Webhooks").nav(Nav::Admin), || {
        view! {
            <h1>"Webhooks"</h1>
            <AdminTabs here="/admin/webhooks" />
            <div class="form-page"><HookList of /></div>
        }
    }))
}
