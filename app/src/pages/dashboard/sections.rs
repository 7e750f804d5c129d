//! The parts of the dashboard above the week.

use leptos::prelude::*;

use super::{handler::Ready, line::Line};
use crate::{
    components::{DateWords, FaceMark, Icon, Picture},
    islands::{CopyLink, SubmitGuard},
};

/// Where a session takes place.
#[component]
fn PlaceWords(words: String, link: Option<String>) -> impl IntoView {
    let picture = if words.starts_with("Video") {
        Picture::Video
    } else if words.starts_with("By phone") {
        Picture::Phone
    } else {
        Picture::Place
    };
    let open = link.map(|link| view! { " "<a href=link rel="noopener noreferrer" target="_blank">"Open the link"</a> });
    view! { <p class="fact small"><Icon picture />{words}{open}</p> }
}

/// A session that is on or comes next, large.
#[component]
pub(super) fn SessionCard(
    /// `Now`, `Next, in 3 hours`.
    #[prop(into)]
    lead: String,
    line: Line,
) -> impl IntoView {
    let class = if lead == "Now" { "card session-card session-now" } else { "card session-card" };
    view! {
        <article class=class>
            <p class="session-lead">{lead}</p>
            <div class="session-who">
                <FaceMark name=line.mentee.clone() />
                <div>
                    <h3><a href=format!("/bookings/{}", line.id)>{line.mentee}</a></h3>
                    <p class="muted">{line.title}</p>
                </div>
            </div>
            <p class="fact small"><Icon picture=Picture::Clock /><DateWords at=line.starts_at words=line.when /></p>
            <PlaceWords words=line.place link=line.link />
        </article>
    }
}

/// The later sessions of today, one line each.
#[component]
pub(super) fn LaterToday(lines: Vec<Line>) -> impl IntoView {
    let any = !lines.is_empty();
    let lines = lines.into_iter().map(|line| {
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("/bookings/{}", line.id)>
                    <strong class="tabular">{line.time}</strong><span>{line.mentee}", "{line.title}</span>
                </a>
                <span class="muted small">{line.place}</span>
            </li>
        }
    });
    let lines = lines.collect_view();
    any.then(|| view! { <h3 class="later-title">"Later today"</h3><ul class="card list">{lines}</ul> })
}

/// Requests, each with its two answers.
#[component]
pub(super) fn Requests(lines: Vec<Line>) -> impl IntoView {
    let any = !lines.is_empty();
    let title = if lines.len() == 1 { "One request to answer".to_owned() } else { format!("{} requests to answer", lines.len()) };
    let items = lines.into_iter().map(|line| view! { <Request line /> }).collect_view();
    any.then(|| {
        view! {
            <section class="requests" aria-labelledby="requests">
                <h2 id="requests">{title}</h2>
                <div class="request-list">{items}</div>
            </section>
        }
    })
}

#[component]
fn Request(line: Line) -> impl IntoView {
    let base = format!("/dashboard/bookings/{}", line.id);
    let notes = (!line.notes.is_empty()).then(|| view! { <blockquote class="request-notes">{line.notes}</blockquote> });
    let by = line
        .answer_by
        .map(|by| view! { <p class="fact small request-by"><Icon picture=Picture::Alert />"Answer by "{by}", or it runs out"</p> });
    view! {
        <article class="card session-card">
            <div class="session-who">
                <FaceMark name=line.mentee.clone() />
                <div>
                    <h3><a href=format!("/bookings/{}", line.id)>{line.mentee.clone()}</a></h3>
                    <p class="muted">{line.title}</p>
                </div>
            </div>
            <p class="fact small"><Icon picture=Picture::Clock /><DateWords at=line.starts_at words=line.when /></p>
            {notes}
            {by}
            <div class="form-buttons">
                <form method="post" action=format!("{base}/confirm")>
                    <SubmitGuard busy="Confirming…" />
                    <button class="btn btn-primary" aria-label=format!("Confirm the request of {}", line.mentee)>"Confirm"</button>
                </form>
                <a class="btn" href=format!("{base}/decline") aria-label=format!("Decline the request of {}", line.mentee)>"Decline…"</a>
            </div>
        </article>
    }
}

/// Sessions that are over and wait to hear how they went.
#[component]
pub(super) fn Unfinished(lines: Vec<Line>) -> impl IntoView {
    let any = !lines.is_empty();
    let items = lines.into_iter().map(|line| {
        let base = format!("/dashboard/bookings/{}", line.id);
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("/bookings/{}", line.id)>
                    <strong>{line.mentee.clone()}</strong><span class="muted">{line.date}", "{line.time}", "{line.title}</span>
                </a>
                <span class="row-buttons">
                    <form method="post" action=format!("{base}/completed")>
                        <button class="btn btn-small" aria-label=format!("It took place: {}, {}", line.mentee, line.when)>"Took place"</button>
                    </form>
                    <form method="post" action=format!("{base}/no-show")>
                        <button class="btn btn-small btn-quiet" aria-label=format!("Did not come: {}, {}", line.mentee, line.when)>"Did not come"</button>
                    </form>
                </span>
            </li>
        }
    });
    let items = items.collect_view();
    any.then(|| {
        view! {
            <section class="unfinished" aria-labelledby="unfinished">
                <h2 id="unfinished">"How did it go?"</h2>
                <ul class="card list">{items}</ul>
            </section>
        }
    })
}

/// The link to hand out.
#[component]
pub(super) fn ShareLink(link: String) -> impl IntoView {
    view! {
        <p class="share-link">
            <a href=link.clone()>{link.trim_start_matches("https://").trim_start_matches("http://").to_owned()}</a>
            <CopyLink url=link what="link" />
        </p>
    }
}

/// What to do first.
#[component]
pub(super) fn FirstSteps(
    /// What is set up.
    ready: Ready,
    link: String,
) -> impl IntoView {
    let mark = |done: bool| if done { "step step-done" } else { "step" };
    let said = |done: bool, words: &'static str| done.then(|| view! { <span class="muted small">{words}</span> });
    view! {
        <section class="card first-steps" aria-labelledby="first-steps">
            <h2 id="first-steps">"Four steps to your first booking"</h2>
            <ol>
                <li class=mark(ready.hours)>
                    <a href="/dashboard/availability">"Look over your hours"</a>
                    {said(ready.hours, "You have hours. See whether they fit your week.")}
                </li>
                <li class=mark(ready.session_types)>
                    <a href="/dashboard/session-types">"Say what can be booked"</a>
                    {said(ready.session_types, "Something can be booked. Name it, price it, say where you meet.")}
                </li>
                <li class=mark(ready.calendars)>
                    <a href="/dashboard/settings?tab=integrations">"Connect your calendar"</a>
                    {said(ready.calendars, "A calendar is connected. Mentees are offered only time that is free there too.")}
                </li>
                <li class="step">"Share your page"<ShareLink link /></li>
            </ol>
        </section>
    }
}
