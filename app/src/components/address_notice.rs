use leptos::prelude::*;

use super::{Notice, Tone};

/// For someone whose address was not confirmed yet: what that means, and a button to have the mail sent again.
#[component]
pub fn AddressNotice(
    /// The address.
    email: String,
    /// The page to come back to.
    next: String,
    /// Whether mail lands in the demo's mailbox.
    mailbox: bool,
) -> impl IntoView {
    let mailbox = mailbox.then(|| view! { " In this demo it lands in the "<a href="/mailbox">"mailbox"</a>"." });
    view! {
        <div class="address-notice"><Notice tone=Tone::Warn>
            <p>
                "Confirm your address so that we can send you confirmations, changes and reminders. A mail with a link is on its way to "
                <strong class="break">{email}</strong>"."{mailbox}
            </p>
            <form method="post" action="/settings/address-check">
                <input type="hidden" name="next" value=next />
                <button class="btn">"Send it again"</button>
            </form>
        </Notice></div>
    }
}
