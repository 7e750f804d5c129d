use leptos::prelude::*;
use wellmet::model::Instant;

/// An instant in words that the server chose (`Tuesday 8 December 2026, 13:00–14:00 (Europe/Lisbon, UTC+0)`), and
/// for machines.
#[component]
pub fn DateWords(
    /// The instant.
    at: Instant,
    /// The words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    view! { <time datetime=at.to_rfc3339()>{words}</time> }
}
