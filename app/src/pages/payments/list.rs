use axum::{extract::State, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    model::{BookingStatus, PaymentId, Price},
    payments::{Account, Balance, PaymentLine, PaymentState},
    time::{Zone, words},
};

use crate::{
    components::{Breadcrumbs, Chip, EmptyState, Nav, Pager, Tone},
    server::{AppState, Page, PageContext, PageError, QueryOf, SignedInCoach, page},
};

const PAGE: u32 = 30;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    after: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    SignedInCoach(coach, viewer): SignedInCoach,
    context: PageContext,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, PageError> {
    let after: Option<PaymentId> = query.after.and_then(|id| id.parse().ok());
    let (lines, next) = app.payments.list(&coach, after, PAGE).await?;
    let balances = app.payments.balances(&coach).await?;
    let zone = Zone::parse(viewer.time_zone()).unwrap_or_else(Zone::utc);
    let year = words::long_date(zone.date_of(app.deps.clock.now())).split(' ').next_back().unwrap_or_default().to_owned();
    Ok(page(&context, Page::private("Payments").nav(Nav::Today), move || list_view(&lines, next, &balances, &zone, &year)))
}

fn list_view(lines: &[PaymentLine], next: Option<PaymentId>, balances: &[Balance], zone: &Zone, year: &str) -> impl IntoView + use<> {
    let next = next.map(|id| format!("/dashboard/payments?after={id}"));
    let list = if lines.is_empty() {
        view! { <EmptyState title="No payments yet"><p>"They appear as soon as somebody pays for a session."</p></EmptyState> }.into_any()
    } else {
        let rows = lines.iter().map(|line| row(line, zone)).collect_view();
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    let sums = balances.iter().filter_map(sum).map(|words| view! { <li>{words}</li> }).collect_view();
    view! {
        <Breadcrumbs links=vec![("/dashboard".to_owned(), "Today".to_owned())] />
        <div class="form-page stack">
            <h1>"Payments"</h1>
            <ul class="facts">{sums}</ul>
            <p><a href=format!("/dashboard/payments/{year}.csv") download=format!("payments-{year}.csv")>{format!("Everything that moved in {year}, as a table")}</a></p>
            {list}
            <Pager previous=None next />
        </div>
    }
}

/// What an account holds, in words; what mentees are short of is not the coach's to read.
fn sum(balance: &Balance) -> Option<String> {
    let amount = |minor| Price { minor, currency: balance.currency }.to_string();
    match balance.account {
        Account::Coach if balance.minor >= 0 => Some(format!("{} earned, after refunds and fees", amount(balance.minor))),
        Account::Coach => Some(format!("{} more went back and in fees than came", amount(-balance.minor))),
        Account::Held if balance.minor > 0 => Some(format!("{} held until you answer", amount(balance.minor))),
        Account::Fees if balance.minor > 0 => Some(format!("{} kept by Stripe", amount(balance.minor))),
        Account::Client | Account::Held | Account::Fees => None,
    }
}

fn row(line: &PaymentLine, zone: &Zone) -> impl IntoView + use<> {
    let price = line.payment.price;
    let (tone, word) = match line.payment.state {
        PaymentState::Paid if line.back == price => (Tone::Info, "Refunded"),
        PaymentState::Paid if line.back.minor > 0 => (Tone::Info, "Partly refunded"),
        PaymentState::Paid => (Tone::Ok, "Paid"),
        PaymentState::Authorized => (Tone::Warn, "Held"),
        PaymentState::Open | PaymentState::Processing => (Tone::Warn, "On its way"),
        PaymentState::Released => (Tone::Info, "Let go of"),
        PaymentState::Failed if line.status == BookingStatus::Confirmed => (Tone::Danger, "Not paid"),
        PaymentState::Failed => (Tone::Info, "Failed"),
    };
    let date = words::long_date(zone.date_of(line.starts_at));
    let kept = (line.back.minor > 0 && line.kept().minor > 0).then(|| format!(", {} kept", line.kept()));
    view! {
        <li class="list-row">
            <a class="list-main" href=format!("/bookings/{}", line.payment.booking_id)>
                <span class="list-title"><strong>{format!("{price} from {}", line.client_name)}</strong><Chip tone words=word /></span>
                <span class="muted">{format!("{}, {date}", line.title)}{kept}</span>
            </a>
        </li>
    }
}
