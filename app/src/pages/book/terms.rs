//! What the form says of the session travels with it, so that nobody books what they did not see.

use wellmet::{
    bookings::Terms,
    model::{Currency, Price},
    time::words,
};

/// `60 9000 EUR`: for the form to send back.
pub(super) fn words_of(terms: Terms) -> String {
    format!("{} {} {}", terms.duration_minutes, terms.price.minor, terms.price.currency.as_str())
}

/// What [`words_of`] wrote; `None` when it did not.
pub(super) fn terms_of(words: &str) -> Option<Terms> {
    let mut parts = words.split(' ');
    let (minutes, minor, currency) = (parts.next()?, parts.next()?, parts.next()?);
    let price = Price { minor: minor.parse().ok()?, currency: Currency::parse(currency)? };
    Some(Terms { duration_minutes: minutes.parse().ok()?, price })
}

/// Says what `coach` changed between what was shown and `now`.
pub(super) fn changed(coach: &str, shown: Option<Terms>, now: Terms) -> String {
    let price = if now.price.is_free() { "nothing".to_owned() } else { now.price.to_string() };
    let length = words::span_minutes(now.duration_minutes);
    let what = match shown {
        Some(shown) if shown.duration_minutes == now.duration_minutes => format!("changed the price to {price}"),
        Some(shown) if shown.price == now.price => format!("changed the length to {length}"),
        _ => format!("changed the price to {price} and the length to {length}"),
    };
    format!("{coach} {what} while this form was open. Nothing is booked yet, and nothing you typed is lost: send it again if it suits you.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_come_back_as_they_went() {
        let terms = Terms { duration_minutes: 45, price: Price { minor: 9050, currency: Currency::EUR } };
        assert_eq!(terms_of(&words_of(terms)), Some(terms));
        for other in ["", "45", "45 9050", "45 x EUR", "x 1 EUR", "45 1 E"] {
            assert_eq!(terms_of(other), None, "{other}");
        }
    }

    #[test]
    fn what_changed_is_named_and_nothing_else() {
        let of = |minutes, minor| Terms { duration_minutes: minutes, price: Price { minor, currency: Currency::EUR } };
        let told = |shown, now| changed("Maya", Some(shown), now);
        assert!(told(of(60, 100), of(60, 200)).starts_with("Maya changed the price to EUR 2 while"));
        assert!(told(of(60, 100), of(45, 100)).starts_with("Maya changed the length to 45 minutes while"));
        assert!(told(of(60, 100), of(45, 0)).starts_with("Maya changed the price to nothing and the length to 45 minutes while"));
    }
}
