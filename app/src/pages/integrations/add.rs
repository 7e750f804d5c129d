//! The ways to connect another calendar.

use leptos::prelude::*;
use wellmet::integrations::{Offered, ProviderKind};

/// A button or a link for each way; those that the site lacks say so.
#[component]
pub(super) fn AddCalendar(
    /// The ways.
    offered: Vec<Offered>,
) -> impl IntoView {
    // Cal.com is one name to people: a site that has it either way does not lack it. Managed users are being withdrawn, so
    // only a site that has them says so.
    let cal_com = |way: &Offered| matches!(way.kind, ProviderKind::CalComManaged | ProviderKind::CalComOauth);
    let (here, absent): (Vec<_>, Vec<_>) = offered.into_iter().partition(|way| way.configured);
    let has_cal_com = here.iter().any(cal_com);
    let lacks = |way: &Offered| way.kind != ProviderKind::CalComManaged && !(has_cal_com && cal_com(way));
    let absent: Vec<_> = absent.into_iter().filter(lacks).map(|way| way.kind.name()).collect();
    let ways = here.into_iter().map(|way| way_view(way.kind)).collect_view();
    let absent = (!absent.is_empty()).then(|| view! { <p class="muted">{format!("Not set up on this site: {}.", absent.join(", "))}</p> });
    view! {
        <section aria-labelledby="add-title" class="stack">
            <h2 id="add-title">"Add a calendar"</h2>
            <div class="ways">{ways}</div>
            {absent}
        </section>
    }
}

fn way_view(kind: ProviderKind) -> AnyView {
    match kind {
        ProviderKind::Caldav => view! { <a class="btn" href="/dashboard/settings/integrations/caldav">"CalDAV or iCloud"</a> }.into_any(),
        ProviderKind::IcsFeed => view! { <a class="btn" href="/dashboard/settings/integrations/feed">"Calendar feed"</a> }.into_any(),
        ProviderKind::CalComManaged => view! {
            {connect(kind, Some("google"), "Google with Cal.com")}
            {connect(kind, Some("office365"), "Office 365 with Cal.com")}
        }
        .into_any(),
        ProviderKind::CalComOauth => connect(kind, None, "Connect Cal.com").into_any(),
        ProviderKind::Google => connect(kind, None, "Connect Google").into_any(),
        ProviderKind::Microsoft => connect(kind, None, "Connect Microsoft 365").into_any(),
    }
}

fn connect(kind: ProviderKind, calendar: Option<&'static str>, words: &'static str) -> impl IntoView {
    let calendar = calendar.map(|calendar| view! { <input type="hidden" name="calendar" value=calendar /> });
    view! {
        <form method="post" action="/dashboard/settings/integrations/connect">
            <input type="hidden" name="provider" value=kind.as_str() />
            {calendar}
            <button class="btn">{words}</button>
        </form>
    }
}
