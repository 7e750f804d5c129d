//! What a booking's pages say about money that is paid here.

use leptos::prelude::*;
use wellmet::{
    accounts::Actor,
    bookings::Booking,
    model::{BookingStatus, Price},
    payments::{PaymentState, PaymentView, Preview},
    time::{Zone, words},
};

use crate::components::{Notice, Tone};

/// Where the money stands, for whoever looks, and what there is to do.
pub(super) fn about_money(booking: &Booking, money: &PaymentView, actor: Actor, zone: &Zone) -> impl IntoView + use<> {
    let (tone, said) = state_words(booking, money, actor, zone);
    let mentee = matches!(actor, Actor::Mentee(_));
    let open = mentee && booking.is_unpaid() && booking.status == BookingStatus::Pending && money.payment.state == PaymentState::Open;
    let pay = open.then(|| view! { <p><a class="btn btn-primary" href=format!("/bookings/{}/pay", booking.id)>"Pay now"</a></p> });
    let rules = booking.status.is_live().then(|| view! { <p class="muted small">{rules(booking, zone)}</p> });
    view! {
        <Notice tone><p>{said}</p>{pay}</Notice>
        {rules}
    }
}

/// The agreed rules about what goes back.
pub(super) fn rules(booking: &Booking, zone: &Zone) -> String {
    let until = booking.free_until();
    booking.refund.words(Some(&format!("{}, {}", words::day_and_month(zone.date_of(until)), zone.wall(until))))
}

fn state_words(booking: &Booking, money: &PaymentView, actor: Actor, zone: &Zone) -> (Tone, String) {
    let price = money.payment.price;
    let mentee = matches!(actor, Actor::Mentee(_));
    match money.payment.state {
        PaymentState::Open if booking.status != BookingStatus::Pending => {
            (Tone::Info, "Nothing was paid; the page to pay on is being closed.".to_owned())
        }
        PaymentState::Open if mentee => {
            let by = booking.answer_by.unwrap_or(money.payment.open_until);
            (Tone::Warn, format!("{price} is still to be paid. The time is kept for you until {}.", zone.wall(by)))
        }
        PaymentState::Open => (Tone::Info, format!("{} is paying {price}. Nobody can take the time meanwhile.", booking.client_name)),
        PaymentState::Processing => {
            (Tone::Info, format!("{price} is on its way. The bank takes a while; the time is kept until the money is there."))
        }
        PaymentState::Authorized if booking.status == BookingStatus::Pending => {
            let words = format!(
                "{price} is held and will be taken only if {} confirms.",
                if mentee { &booking.coach_name } else { "the request is" }
            );
            (Tone::Info, if mentee { words } else { format!("{price} is held, and is taken when you confirm.") })
        }
        PaymentState::Authorized if booking.status == BookingStatus::Confirmed => (Tone::Info, format!("{price} is being taken.")),
        PaymentState::Authorized => (Tone::Info, format!("{price} was held and is being let go of.")),
        PaymentState::Paid if money.going_back.minor > 0 => refund_words(money),
        PaymentState::Paid => (Tone::Ok, format!("{price} is paid.")),
        PaymentState::Released => (Tone::Info, "Nothing was paid.".to_owned()),
        PaymentState::Failed if booking.status == BookingStatus::Confirmed => {
            (Tone::Danger, format!("{price} could not be taken: the session is agreed, and not paid."))
        }
        PaymentState::Failed => (Tone::Info, "The payment failed. Nothing was paid.".to_owned()),
    }
}

fn refund_words(money: &PaymentView) -> (Tone, String) {
    let (price, back) = (money.payment.price, money.going_back);
    let of = if back == price { format!("{price} was paid, and all of it") } else { format!("{price} was paid, and {back} of it") };
    if money.troubled {
        return (Tone::Warn, format!("{of} goes back. The bank has sent it back to us; we try again."));
    }
    if money.gone_back == back {
        return (Tone::Ok, format!("{of} went back."));
    }
    (Tone::Info, format!("{of} is going back. That takes some days with some banks."))
}

/// What cancelling does with the money.
pub(super) fn preview_words(preview: &Preview, mentee: bool) -> String {
    let whose = if mentee { "You" } else { "The mentee" };
    let verb = if mentee { "get" } else { "gets" };
    let Preview { paid, back, held } = *preview;
    if held {
        return format!("{paid} is held and nothing was taken yet: it is let go of.");
    }
    let kept = Price { minor: paid.minor - back.minor, currency: paid.currency };
    match (back.minor, kept.minor) {
        (0, _) => format!("{paid} was paid. By the agreement nothing of it goes back now."),
        (_, 0) => format!("{whose} {verb} back all of {paid}."),
        _ => format!("{whose} {verb} back {back} of {paid}; {kept} is kept by the agreement."),
    }
}
