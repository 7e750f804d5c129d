use leptos::prelude::*;

/// What stands where a list would be: why it is empty and what to do next.
#[component]
pub fn EmptyState(
    /// One short line: `No bookings yet`.
    #[prop(into)]
    title: String,
    /// A sentence, and a way on.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="empty-title">{title}</h2>
            {children()}
        </div>
    }
}
