use leptos::prelude::*;

use super::Tone;

/// A state in a word or two: `Confirmed`, `Waits for you`.
#[component]
pub fn Chip(
    /// Ok is green, warn amber, danger red, info grey.
    tone: Tone,
    /// The words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let class = match tone {
        Tone::Info => "chip",
        Tone::Ok => "chip chip-ok",
        Tone::Warn => "chip chip-warn",
        Tone::Danger => "chip chip-danger",
    };
    view! { <span class=class>{words}</span> }
}
