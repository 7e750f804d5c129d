//! Settings as a page.

use leptos::prelude::*;
use wellmet::{accounts::MIN_PASSWORD, time::Zone};

use super::{
    feed::FeedPart,
    show::{Settings, Tab},
    tokens::{TokenPart, TokenSection},
};
use crate::{
    components::{AddressNotice, CheckField, ErrorSummary, Field, TextArea, TimeZoneSelect},
    dto::FormState,
    islands::SubmitGuard,
    pages::{integrations::IntegrationsTab, webhooks::HookList},
    server::Lands,
};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("time_zone", "Time zone"),
    ("slug", "Address"),
    ("headline", "Headline"),
    ("bio", "About you"),
    ("languages", "Languages"),
    ("topics", "Topics"),
    ("current_password", "Current password"),
    ("new_password", "New password"),
];

#[component]
pub(super) fn SettingsPage(settings: Settings) -> impl IntoView {
    let Settings { tab, path, email, account, page, password, unchecked, integrations, feed, hooks, tokens } = settings;
    let coach = page.is_some();
    let tabs = [
        (Tab::Profile, "profile", "Profile"),
        (Tab::Integrations, "integrations", "Integrations"),
        (Tab::Notices, "notices", "Notices"),
        (Tab::Security, "security", "Security"),
    ];
    let tabs =
        tabs.into_iter().filter(|(this, ..)| coach || !matches!(this, Tab::Integrations | Tab::Notices)).map(|(this, word, label)| {
            view! { <a href=format!("{path}?tab={word}") aria-current=(this == tab).then_some("page")>{label}</a> }
        });
    let tabs = tabs.collect_view();
    if let Some(of) = integrations {
        return view! {
            <h1>"Settings"</h1>
            <nav class="tabs" aria-label="Settings">{tabs}</nav>
            <IntegrationsTab of />
        }
        .into_any();
    }
    let body = match tab {
        Tab::Profile => {
            let page = page.map(|(form, link)| view! { <CoachPageForm form link /> });
            view! { <AccountForm form=account coach=page.is_some() />{page}{feed.map(|of| view! { <FeedPart of /> })} }.into_any()
        }
        Tab::Integrations => ().into_any(),
        Tab::Notices => hooks.map(|of| view! { <HookList of /> }).into_any(),
        Tab::Security => {
            let next = format!("{path}?tab=security");
            let notice = unchecked.map(|lands| {
                view! { <AddressNotice email=email.clone() next mailbox=lands == Lands::InTheMailbox /> }
            });
            view! { {notice}<SecurityForms form=password email tokens /> }.into_any()
        }
    };
    view! {
        <h1>"Settings"</h1>
        <nav class="tabs" aria-label="Settings">{tabs}</nav>
        <div class="form-page">{body}</div>
    }
    .into_any()
}

#[component]
fn AccountForm(form: FormState, coach: bool) -> impl IntoView {
    let hint = if coach {
        "Your hours are times on this clock. Bookings you already have stay where they are."
    } else {
        "Times are shown on this clock unless you choose another."
    };
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form class="form-card" method="post" action="/settings/account" aria-labelledby="account-title">
            <h2 id="account-title">"You"</h2>
            <SubmitGuard busy="Saving…" />
            <Field of=form.field("name") label="Name" hint="How others see you." required=true autocomplete="name" maxlength=80 />
            <TimeZoneSelect of=form.field("time_zone") label="Time zone" names=Zone::all_names() hint=hint />
            <button class="btn btn-primary">"Save"</button>
        </form>
    }
}

#[component]
fn CoachPageForm(form: FormState, link: String) -> impl IntoView {
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form class="form-card" method="post" action="/dashboard/settings/page" aria-labelledby="page-title">
            <div class="card-head">
                <h2 id="page-title">"Your page"</h2>
                <a href=link.clone()>"See it as mentees do"</a>
            </div>
            <SubmitGuard busy="Saving…" />
            <Field of=form.field("headline") label="Headline" hint="One line under your name." maxlength=120 />
            <TextArea of=form.field("bio") label="About you" hint="Plain text, at most 4000 characters." maxlength=4000 rows=8 />
            <Field of=form.field("topics") label="Topics" hint="What you help with, with commas between: career change, leadership. At most 12." />
            <Field of=form.field("languages") label="Languages" hint="With commas between. At most 10." />
            <Field
                of=form.field("slug")
                label="Address of your page"
                hint=format!("Now {link}. Links to an old address stop working when you change it.")
                required=true
                maxlength=60
            />
            <CheckField of=form.field("listed") label="Show me in the directory" hint="Off: only people who have the link find your page." />
            <button class="btn btn-primary">"Save your page"</button>
        </form>
    }
}

#[component]
fn SecurityForms(form: FormState, email: String, tokens: Option<TokenSection>) -> impl IntoView {
    let has_tokens = tokens.as_ref().is_some_and(TokenSection::any_live);
    let tokens_too = has_tokens.then(|| {
        let hint = "Otherwise they go on: programs that use them know no password.";
        view! { <CheckField of=form.field("end_tokens") label="End my API tokens too" hint=hint /> }
    });
    let hint = format!("At least {MIN_PASSWORD} characters. A few unrelated words are easy to keep in mind.");
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form class="form-card" method="post" action="/settings/password" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <SubmitGuard busy="Changing…" />
            <p class="muted">{format!("You sign in as {email}. A new password signs you out everywhere else.")}</p>
            // For password managers, which want to know whose password it is.
            <input class="visually-hidden" type="email" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
            <Field of=form.field("current_password") label="Current password" kind="password" required=true autocomplete="current-password" />
            <Field of=form.field("new_password") label="New password" kind="password" hint=hint required=true autocomplete="new-password" maxlength=200 />
            {tokens_too}
            <button class="btn btn-primary">"Change password"</button>
        </form>
        <form class="form-card" method="post" action="/settings/sign-out-others" aria-labelledby="others-title">
            <h2 id="others-title">"Other devices"</h2>
            <p class="muted">"A phone you lost, a computer you borrowed: end every sign-in but this one."</p>
            <button class="btn">"Sign out everywhere else"</button>
        </form>
        {tokens.map(|of| view! { <TokenPart of /> })}
    }
}
