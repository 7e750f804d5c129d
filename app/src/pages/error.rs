//! The pages for what went wrong. They say what happened, what it means and what to do, and need no database.

use axum::response::Response;
use leptos::prelude::*;

use crate::server::{Page, PageContext, PageError, page};

/// The page for `error`. `id` is the request's, as in the log.
pub fn show(context: &PageContext, error: &PageError, id: &str) -> Response {
    let words = words(error, context.viewer.is_some());
    let incident = matches!(error, PageError::Internal(_)).then(|| id.to_owned());
    let again = matches!(error, PageError::Unavailable).then(|| context.here.to_string());
    let status = error.status();
    page(context, Page::private(words.title).status(status), move || {
        view! {
            <div class="error-page">
                <p class="error-code" aria-hidden="true">{status.as_u16()}</p>
                <h1>{words.title}</h1>
                <p class="lead">{words.what}</p>
                {incident.map(|id| view! { <p class="small muted">"If it happens again, tell whoever runs this site: incident "<code>{id}</code>"."</p> })}
                <p class="button-row">
                    {again.map(|path| view! { <a class="btn btn-primary" href=path>"Try again"</a> })}
                    <a class="btn" href=words.path>{words.link}</a>
                </p>
            </div>
        }
    })
}

struct Words {
    title: &'static str,
    what: String,
    path: &'static str,
    link: &'static str,
}

fn words(error: &PageError, signed_in: bool) -> Words {
    let say = |title, what: &str| Words { title, what: what.to_owned(), path: "/", link: "Go to the front page" };
    match error {
        PageError::NotFound | PageError::SignInFirst { .. } => Words {
            path: "/coaches",
            link: "Find a coach",
            ..say("There is nothing here", "The address may be mistyped, or what was here is gone.")
        },
        PageError::Forbidden if signed_in => {
            say("This page is not for this account", "You are signed in, but this page belongs to another kind of account.")
        }
        PageError::Forbidden => say("This page is not for you", "It belongs to someone else."),
        PageError::CrossSite => say(
            "This form came from another site",
            "Your browser says that another site sent this form, so nothing was done. If you meant to do it, open the page here and send the form again.",
        ),
        PageError::WrongMethod => {
            say("This address does not work that way", "It takes a form, or only shows a page. Start again from the front page.")
        }
        PageError::Malformed(sentence) => say("We could not read that", sentence),
        PageError::Unprocessable(sentence) => {
            say("That form does not fit", &format!("{sentence} Reload the page it came from and send it again."))
        }
        PageError::TooLarge { limit } => say(
            "That is too much",
            &format!("At most {} kB can be sent at once. Nothing was stored. Go back and shorten the text.", limit / 1024),
        ),
        PageError::TooMany { .. } => say("Too many attempts", "Take a break and try again in a while."),
        PageError::Unavailable => {
            say("Back in a moment", "We cannot reach our data right now. Nothing is half done, and this usually passes within seconds.")
        }
        PageError::Internal(_) => say(
            "Something went wrong on our side",
            "It is not your fault, and it has been noted. Try again; if you were sending a form, check first whether it arrived.",
        ),
    }
}
