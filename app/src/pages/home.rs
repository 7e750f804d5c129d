//! `/`: what this is, and the way to a coach.

use axum::{Router, response::Response, routing::get};
use leptos::prelude::*;

use crate::{
    components::{Icon, Picture},
    server::{AppState, Page, PageContext, page},
};

/// The front page.
pub fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

async fn show(context: PageContext) -> Response {
    let about = Page::new("Wellmet").description("Find a coach, see when they are really free, and book the hour. No back and forth.");
    let visitor = context.viewer.is_none();
    page(&context, about, move || {
        view! {
            <section class="hero">
                <h1 class="hero-title">"An hour with someone who has been there."</h1>
                <p class="hero-words">"Find a coach, see when they are really free in your own time zone, and book it. No back and forth."</p>
                <SearchForm />
            </section>
            <Steps />
            {visitor.then(|| view! { <ForCoaches /> })}
        }
    })
}

/// Looks for coaches by words.
#[component]
fn SearchForm() -> impl IntoView {
    view! {
        <form class="search" role="search" method="get" action="/coaches">
            <label class="search-label" for="q">"What would you like to talk about?"</label>
            <div class="search-row">
                <input class="input" id="q" name="q" type="search" maxlength="100" placeholder="a first job, a hard conversation, a new team" />
                <button class="btn btn-primary"><Icon picture=Picture::Search />"Find a coach"</button>
            </div>
        </form>
    }
}

#[component]
fn Steps() -> impl IntoView {
    view! {
        <section aria-labelledby="how">
            <h2 id="how" class="visually-hidden">"How it works"</h2>
            <ol class="steps">
                <li>
                    <h3>"Choose"</h3>
                    <p>"Read what coaches do and how they do it, in their own words."</p>
                </li>
                <li>
                    <h3>"See free time"</h3>
                    <p>"Times are shown on your clock. What you can click, you can have."</p>
                </li>
                <li>
                    <h3>"Meet"</h3>
                    <p>"Plans change: move or cancel a session yourself until the coach’s notice."</p>
                </li>
            </ol>
        </section>
    }
}

#[component]
fn ForCoaches() -> impl IntoView {
    view! {
        <section class="aside-card" aria-labelledby="for-coaches">
            <div>
                <h2 id="for-coaches">"Are you a coach?"</h2>
                <p class="muted">"Set your hours once. Mentees see only time that you really have."</p>
            </div>
            <a class="btn" href="/register?role=coach">"Offer your time"</a>
        </section>
    }
}
