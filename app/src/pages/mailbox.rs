//! `/mailbox`: the mail of a demo, which nobody sends. Its people are invented, so everyone may read it. On any other site, and where a
//! mail server is configured, there is no such page.

use std::io;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::prelude::*;
use wellmet::{
    model::Instant,
    notices::mail::{Folder, KeptMail},
    time::Zone,
};

use crate::{
    components::{Breadcrumbs, EmptyState, Notice, Tone},
    pages::picker::viewer_zone,
    server::{AppState, Page, PageContext, PageError, PathOf, page},
};

/// The list, one mail, and the parts of one.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox/{name}", get(show))
        .route("/mailbox/{name}/html", get(html))
        .route("/mailbox/{name}/mail.eml", get(whole))
        .route("/mailbox/{name}/invite.ics", get(invite))
}

/// A mail's HTML in a frame: nothing of it runs, nothing is loaded, and its links open in the whole window.
const FRAME_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation",
);

async fn list(State(app): State<AppState>, context: PageContext) -> Result<Response, PageError> {
    let mails = read(&app, Folder::list).await?;
    let zone = viewer_zone(&context, None, &Zone::utc());
    Ok(page(&context, Page::private("Mailbox"), move || view! { <Mailbox mails zone /> }))
}

async fn show(State(app): State<AppState>, context: PageContext, PathOf(name): PathOf<String>) -> Result<Response, PageError> {
    let mail = one(&app, name).await?;
    let zone = viewer_zone(&context, None, &Zone::utc());
    Ok(page(&context, Page::private(mail.subject.clone()).not_kept(), move || view! { <Mail mail zone /> }))
}

async fn html(State(app): State<AppState>, PathOf(name): PathOf<String>) -> Result<Response, PageError> {
    let mail = one(&app, name).await?;
    let document = mail.html.replacen("<head>", "<head>\n<base target=\"_top\">", 1);
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, FRAME_POLICY)], document).into_response())
}

async fn whole(State(app): State<AppState>, PathOf(name): PathOf<String>) -> Result<Response, PageError> {
    let bytes = read(&app, move |folder| folder.whole(&name)).await?.ok_or(PageError::NotFound)?;
    Ok(file("message/rfc822", "mail.eml", bytes))
}

async fn invite(State(app): State<AppState>, PathOf(name): PathOf<String>) -> Result<Response, PageError> {
    let invite = one(&app, name).await?.invite.ok_or(PageError::NotFound)?;
    Ok(file("text/calendar; charset=utf-8", "invite.ics", invite.into_bytes()))
}

fn file(kind: &'static str, name: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

async fn one(app: &AppState, name: String) -> Result<KeptMail, PageError> {
    read(app, move |folder| folder.mail(&name)).await?.ok_or(PageError::NotFound)
}

/// Reads the folder, off the threads that answer requests. 404 where there is no mailbox.
async fn read<T: Send + 'static>(app: &AppState, what: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static) -> Result<T, PageError> {
    let folder = app.mailbox().await?.ok_or(PageError::NotFound)?;
    let read = tokio::task::spawn_blocking(move || what(&folder)).await;
    read.map_err(PageError::internal)?.map_err(PageError::internal)
}

fn moment(zone: &Zone, at: i64) -> impl IntoView + use<> {
    let at = Instant::from_millis(at);
    let words = format!("{}, {}", wellmet::time::words::short_date(zone.date_of(at)), zone.wall(at));
    view! { <time class="muted small" datetime=at.to_rfc3339()>{words}</time> }
}

#[component]
fn Mailbox(mails: Vec<KeptMail>, zone: Zone) -> impl IntoView {
    let none = mails.is_empty();
    let rows = mails.into_iter().map(|mail| {
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("/mailbox/{}", mail.name)>
                    <span class="list-title"><strong>{mail.subject}</strong></span>
                    <span class="muted break">"To "{mail.to}</span>
                </a>
                {moment(&zone, mail.at)}
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = if none {
        view! { <EmptyState title="No mail yet"><p>"Book a session, or ask for a new password: the mail about it appears here within seconds."</p></EmptyState> }.into_any()
    } else {
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    view! {
        <h1>"Mailbox"</h1>
        <Notice tone=Tone::Info>"This demo sends no mail. What would be sent, to whomever, is kept here for you to look at."</Notice>
        <div class="mailbox">{list}</div>
    }
}

#[component]
fn Mail(mail: KeptMail, zone: Zone) -> impl IntoView {
    let path = format!("/mailbox/{}", mail.name);
    let invite = mail.invite.map(|invite| {
        view! {
            <details class="card card-body mail-part">
                <summary>"Invitation for the calendar"</summary>
                <pre class="mail-source" tabindex="0" aria-label="The invitation">{invite}</pre>
                <a class="btn" href=format!("{path}/invite.ics")>"Save invite.ics"</a>
            </details>
        }
    });
    view! {
        <Breadcrumbs links=vec![("/mailbox".to_owned(), "Mailbox".to_owned())] />
        <h1>{mail.subject.clone()}</h1>
        <p class="muted break mail-about">"To "{mail.to}", "{moment(&zone, mail.at)}</p>
        <iframe
            class="card mail-frame"
            title="The mail as programs show it"
            src=format!("{path}/html")
            sandbox="allow-top-navigation-by-user-activation"
        ></iframe>
        <details class="card card-body mail-part">
            <summary>"Plain text"</summary>
            <pre class="mail-source" tabindex="0" aria-label="The plain text">{mail.text}</pre>
        </details>
        {invite}
        <p class="button-row"><a class="btn" href=format!("{path}/mail.eml")>"Save the whole mail"</a></p>
    }
}
