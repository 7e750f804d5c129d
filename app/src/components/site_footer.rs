use leptos::prelude::*;

use super::Theme;

/// The bottom of every page, with the theme switch: a plain form.
#[component]
pub fn SiteFooter(
    /// The theme in force.
    theme: Theme,
    /// The page to come back to.
    here: String,
) -> impl IntoView {
    let choices = [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")].map(|(choice, words)| {
        let pressed = if choice == theme { "true" } else { "false" };
        view! { <button name="theme" value=choice.as_str() aria-pressed=pressed>{words}</button> }
    });
    view! {
        <footer class="site-footer">
            <p class="muted small">"Wellmet: time with people who have been there. "<a href="/docs">"API"</a></p>
            <form class="theme-switch" method="post" action="/theme" aria-label="Colours">
                <input type="hidden" name="next" value=here />
                {choices.collect_view()}
            </form>
        </footer>
    }
}
